/**
 * Has malloc give back to the kernel what is free between pieces in use, which it never does by itself; false where that isn't
 * known, as without glibc. A few milliseconds.
 *
 * Node has no way to call a function of the C library. SQLite has: it calls what an extension names as its beginning, with a pointer
 * where malloc_trim(3) takes a number of bytes to keep at the end of the heap, and takes the answer "something was given back"
 * for an error.
 */
export function trimMalloc(): boolean {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(':memory:', { allowExtension: true });
  try {
    database.loadExtension('libc.so.6', 'malloc_trim');
    return true;
  } catch (error) {
    return error instanceof Error && error.message.startsWith('error during initialization');
  } finally {
    database.close();
  }
}
