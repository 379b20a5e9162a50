import { expect, it } from 'vitest';
import { EnvProblems, readEnv } from '../../config/env.js';
import { userAgent } from '../../runtime/user-agent.js';

it('the User-Agent names the program, and the operator where one is given', () => {
  expect(userAgent(readEnv({}))).toMatch(/^axiswatch\/\d+\.\d+\.\d+ \(self-hosted feed reader\)$/);
  expect(userAgent(readEnv({ AXISWATCH_CONTACT: 'https://example.org/bot' }))).toMatch(
    /\(self-hosted feed reader; \+https:\/\/example\.org\/bot\)$/,
  );
});

it.each(['nobody', 'a@b', 'https://x.org/\r\nX: 1', 'пример@example.org', 'https://x.org/)'])(
  'a contact that fits no header or reaches nobody is refused: %j',
  (contact) => {
    expect(() => readEnv({ AXISWATCH_CONTACT: contact })).toThrow(EnvProblems);
  },
);
