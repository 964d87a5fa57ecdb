/** A function of V8's own that nobody calls. */
const UNUSED = 'escape';

/**
 * Makes V8 drop all code that its optimizing compilers have made, which it otherwise does for no reason but a wrong guess: the next
 * collection takes it, and with it the bytecode that it holds on to. What runs is optimized again.
 *
 * A breakpoint on a function without JavaScript makes V8 do so, as it may be inlined anywhere; it is set and removed at once, by a
 * debugger in this process that never waits. Precise coverage would do it too, but then bytecode is kept for good.
 */
export function dropOptimizedCode(): void {
  const { Session } = process.getBuiltinModule('node:inspector');
  const session = new Session();
  session.connect();
  try {
    session.post('Debugger.enable');
    session.post('Debugger.setSkipAllPauses', { skip: true });
    session.post('Runtime.evaluate', { expression: UNUSED }, (error, answer) => {
      if (!error) session.post('Debugger.setBreakpointOnFunctionCall', { objectId: answer.result.objectId });
    });
  } finally {
    // With its session goes the breakpoint.
    session.disconnect();
  }
}
