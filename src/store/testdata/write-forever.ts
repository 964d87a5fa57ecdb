import { writeSync } from 'node:fs';
import { openSqliteStore } from '../sqlite-store.ts';

/** Writes until it is killed and prints `key revision` for every write that was acknowledged. */
const [path = '', round = ''] = process.argv.slice(2);
const store = openSqliteStore(path, { maxEvents: 100 });

async function writeOne(key: string, data: string): Promise<void> {
  const current = store.get(key);
  const object = { metadata: { name: key }, data };
  const result = await store.write(
    current === undefined
      ? { type: 'create', key, object }
      : { type: 'update', key, object, expectedRevision: current.revision },
  );
  if (result.outcome === 'ok') writeSync(1, `${key} ${result.entry.revision}\n`);
}

async function run(worker: number): Promise<void> {
  for (let i = 0; ; i++) await writeOne(`/g/t/${round}/${worker}-${i % 50}`, 'x'.repeat(i % 2000));
}

for (let worker = 0; worker < 8; worker++) void run(worker);
