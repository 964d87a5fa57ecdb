import { expect, it } from 'vitest';
import { createFakeServiceManager } from '../../../systemd/fake-service-manager.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createUnitMemory } from './unit-memory.ts';

const UNIT = 'qs-a_web.service';

async function setUp() {
  const clock = createFakeClock();
  const manager = createFakeServiceManager({ now: () => clock.now() * 1000 });
  manager.define({ name: UNIT });
  await manager.reload();
  let reads = 0;
  const peek = (unit: string) => {
    reads += 1;
    return manager.peek(unit);
  };
  const memory = createUnitMemory({ peek }, clock);
  const look = async () => `${(await memory.peek(UNIT))?.activeState}, ${reads}`;
  return { clock, manager, memory, look };
}

it('reads a unit that is up once, until something is heard of it or of all, or a minute has passed', async () => {
  const { clock, manager, memory, look } = await setUp();
  await manager.start(UNIT);
  expect([await look(), await look()]).toEqual(['active, 1', 'active, 1']);
  memory.forget('qs-other.service');
  expect(await look()).toBe('active, 1');
  memory.forget(UNIT);
  expect([await look(), await look()]).toEqual(['active, 2', 'active, 2']);
  memory.forget('');
  expect(await look()).toBe('active, 3');
  clock.advance(60_000);
  expect(await look()).toBe('active, 4');
});

it('asks each time for a unit that is at rest, or that systemd has not in memory: it would not hear of another one', async () => {
  const { manager, look } = await setUp();
  expect([await look(), await look()]).toEqual(['undefined, 1', 'undefined, 2']);
  await manager.start(UNIT);
  await manager.stop(UNIT);
  expect([await look(), await look()]).toEqual(['inactive, 3', 'inactive, 4']);
});

it('does not remember what was on its way when something was heard, and reads again', async () => {
  const { manager, memory, look } = await setUp();
  await manager.start(UNIT);
  const [first, shared] = [look(), look()];
  memory.forget(UNIT);
  const second = look();
  expect(await Promise.all([first, shared, second])).toEqual(['active, 2', 'active, 2', 'active, 2']);
  expect(await look()).toBe('active, 2');
});

it('forgets a reading that failed', async () => {
  const memory = createUnitMemory({ peek: () => Promise.reject(new Error('no bus')) }, createFakeClock());
  await expect(memory.peek(UNIT)).rejects.toThrow('no bus');
  await expect(memory.peek(UNIT)).rejects.toThrow('no bus');
});
