import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/errors.js';
import { createLog, redactText } from '../../runtime/log.js';

function memory(isTTY = false): { stream: Writable & { isTTY: boolean }; text: () => string } {
  const parts: string[] = [];
  const stream = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        parts.push(String(chunk));
        done();
      },
    }),
    { isTTY },
  );
  return { stream, text: () => parts.join('') };
}

describe('the log', () => {
  it('writes one JSON object a line when stderr is no terminal', () => {
    const { stream, text } = memory();
    createLog({ logLevel: 'info' }, stream).info({ feed: 'tass' }, 'polled');
    expect(JSON.parse(text())).toEqual({
      level: 'info',
      time: expect.stringMatching(/Z$/),
      feed: 'tass',
      msg: 'polled',
    });
  });

  it('writes words for people on a terminal', () => {
    const { stream, text } = memory(true);
    createLog({ logLevel: 'info' }, stream).info({}, 'polled');
    expect(text()).toMatch(/INFO.*polled/);
    expect(text()).not.toContain('"msg"');
  });

  it('keeps quiet below its level', () => {
    const { stream, text } = memory();
    const log = createLog({ logLevel: 'warn' }, stream);
    log.info({}, 'not this');
    log.warn({}, 'but this');
    expect(text()).toContain('but this');
    expect(text()).not.toContain('not this');
  });

  it.each([
    ['postgres://watch:s3cret@db.example:5432/x', 'postgres://***@db.example:5432/x'],
    ['https://example.org/rss?key=s3cret&page=2', 'https://example.org/rss?key=***&page=2'],
    ['sent Authorization: Bearer s3cret-token-value', 'sent Authorization: Bearer ***'],
    ['POST https://hooks.slack.com/services/T0/B0/s3cret failed', 'POST https://hooks.slack.com/services/*** failed'],
    ['https://discord.com/api/webhooks/1/s3cret', 'https://discord.com/api/webhooks/***'],
    ['https://api.telegram.org/bot1:s3cret/sendMessage', 'https://api.telegram.org/bot***/sendMessage'],
    ['https://example.org/plain?page=2', 'https://example.org/plain?page=2'],
  ])('cleans %s', (given, expected) => {
    expect(redactText(given)).toBe(expected);
  });

  it('lets no secret through by whatever way it comes', () => {
    const { stream, text } = memory();
    const cause = new Error('connect postgres://u:s3cret@db/x failed');
    createLog({ logLevel: 'debug' }, stream).error(
      {
        apiToken: 's3cret',
        nested: { password: 's3cret', list: ['https://a:s3cret@b/'] },
        url: new URL('https://u:s3cret@host/'),
        error: new Failure('unavailable', 'no answer from postgres://u:s3cret@db/x', { cause }),
      },
      'failed at https://u:s3cret@host/',
    );
    expect(text()).toContain('no answer from postgres://***@db/x');
    expect(text()).not.toContain('s3cret');
  });

  it('survives what cannot be written: cycles, functions, big numbers, endless text', () => {
    const { stream, text } = memory();
    const cycle: Record<string, unknown> = { n: 1n, f: () => 1, text: 'x'.repeat(1_000_000) };
    cycle.self = cycle;
    createLog({ logLevel: 'info' }, stream).info(cycle, 'odd');
    expect(JSON.parse(text())).toMatchObject({ n: '1', msg: 'odd' });
    expect(text().length).toBeLessThan(50_000);
  });
});
