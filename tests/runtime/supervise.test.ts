import { describe, expect, it } from 'vitest';
import { supervise } from '../../runtime/supervise.js';

const told: string[] = [];
const log = {
  debug: () => undefined,
  info: (_fields: object, message: string) => void told.push(message),
  warn: (_fields: object, message: string) => void told.push(message),
  error: () => undefined,
};

/** A server that ends when the test says so. */
function fake(name: string) {
  let end: (code: number) => void = () => undefined;
  const exited = new Promise<number>((resolve) => {
    end = resolve;
  });
  return { name, exited, end, stop: async () => end(0) };
}

describe('supervising a server', () => {
  it('starts it again when it ends by itself', async () => {
    told.length = 0;
    const [first, second] = [fake('first'), fake('second')];
    const kept = supervise('Postgres', first, async () => second, log);
    first.end(137);
    await expect.poll(() => kept.current().name).toBe('second');
    expect(told).toEqual(['the Postgres server ended by itself, starting it again', 'the Postgres server is back']);
    await kept.stop();
  });

  it('leaves it ended when it was stopped', async () => {
    let starts = 0;
    const first = fake('first');
    const kept = supervise('Postgres', first, async () => fake(`start ${++starts}`), log);
    await kept.stop();
    await first.exited;
    expect(starts).toBe(0);
  });

  it('gives up on a server that cannot be started any more, and says why', async () => {
    const first = fake('first');
    let starts = 0;
    const kept = supervise(
      'Postgres',
      first,
      async () => {
        starts += 1;
        throw new Error('disk full');
      },
      log,
    );
    first.end(1);
    await expect(kept.failed).rejects.toThrow('disk full');
    expect(starts).toBe(5);
  });

  it('gives up on a server that ends again and again', async () => {
    const servers = Array.from({ length: 7 }, (_, i) => fake(`server ${i}`));
    let next = 0;
    const kept = supervise(
      'Temporal',
      servers[0]!,
      async () => servers[++next]!,
      log,
      () => 0,
    );
    for (const server of servers) {
      server.end(1);
      await server.exited;
      await expect.poll(() => next > servers.indexOf(server) || servers.indexOf(server) >= 5).toBe(true);
    }
    await expect(kept.failed).rejects.toThrow('The Temporal server ended 6 times within 5 minutes');
    expect(next).toBe(5);
  });
});
