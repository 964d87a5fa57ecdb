import { expect, it } from 'vitest';
import { createNotifier } from './notify.ts';

it('keeps quiet when no service manager listens', async () => {
  const errors: unknown[] = [];
  const notifier = createNotifier({}, (error) => errors.push(error));
  await notifier.ready('serving');
  await notifier.stopping();
  expect(errors).toEqual([]);
});

it('reports a message that cannot be sent and goes on', async () => {
  const errors: unknown[] = [];
  const notifier = createNotifier({ NOTIFY_SOCKET: '/nonexistent/notify' }, (error) => errors.push(error));
  await notifier.ready('serving');
  expect(errors).toHaveLength(1);
});
