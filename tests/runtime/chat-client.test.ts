import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createGuardedDispatcher } from '../../feeds/guard.js';
import { type ChatClientOptions, createChatClient } from '../../runtime/chat-client.js';
import {
  type ChatBehaviour,
  type ChatServer,
  completes,
  drips,
  fails,
  floods,
  hangs,
  refusesFormats,
  says,
  startChatServer,
} from '../support/chat-server.js';

const KEY = 'sk-test-0123456789abcdef';
const QUESTION = { system: 'code the item', user: 'the item', schema: { type: 'object' } };
const never = new AbortController().signal;
let server: ChatServer;

beforeAll(async () => {
  server = await startChatServer();
});
afterEach(() => {
  server.calls.length = 0;
});
afterAll(() => server.close());

const client = (more: Partial<ChatClientOptions> = {}) =>
  createChatClient({
    baseUrl: server.url,
    model: 'test-model',
    apiKey: KEY,
    timeoutMs: 5_000,
    maxTokens: 500,
    dispatcher: createGuardedDispatcher({ allow: ['127.0.0.1'] }),
    userAgent: 'axiswatch-test',
    ...more,
  });

/** What a client throws when the server behaves so. */
async function failureOf(how: ChatBehaviour, more: Partial<ChatClientOptions> = {}) {
  server.behave(how);
  const error = await client(more)(QUESTION, never).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).not.toBeNull();
  expect(inspect(error, { depth: 10 })).not.toContain(KEY);
  return error as { reason: string; message: string; more: { retryAfterSeconds?: number; status?: number } };
}

it('asks once, at temperature 0, without stream or tools, with the key and the schema', async () => {
  server.behave(says({ labels: [] }));
  expect(await client()(QUESTION, never)).toEqual({
    kind: 'said',
    content: '{"labels":[]}',
    tokens: { input: 10_000, output: 100 },
  });
  expect(server.calls).toHaveLength(1);
  const [{ path, headers, body }] = server.calls as [(typeof server.calls)[0]];
  expect(path).toBe('/v1/chat/completions');
  expect(headers.authorization).toBe(`Bearer ${KEY}`);
  expect(body).toEqual({
    model: 'test-model',
    messages: [
      { role: 'system', content: 'code the item' },
      { role: 'user', content: 'the item' },
    ],
    temperature: 0,
    stream: false,
    max_tokens: 500,
    response_format: { type: 'json_schema', json_schema: { name: 'labels', strict: true, schema: { type: 'object' } } },
  });
});

it.each([
  ['a schema', ['json_schema'], ['json_schema', 'json_object'], ['json_object']],
  ['any format', ['json_schema', 'json_object'], ['json_schema', 'json_object', undefined], [undefined]],
])('a server that refuses %s is asked without, and remembered', async (_, refused, first, second) => {
  server.behave(refusesFormats(refused, says({ labels: [] })));
  const chat = client();
  const formats = () => server.calls.map(({ body }) => body.response_format?.type);
  expect(await chat(QUESTION, never)).toMatchObject({ kind: 'said' });
  expect(formats()).toEqual(first);
  server.calls.length = 0;
  await chat(QUESTION, never);
  expect(formats()).toEqual(second);
});

it('a model that wants the limit under its newer name gets it there', async () => {
  server.behave((call, response) =>
    'max_tokens' in call.body
      ? fails(400, "'max_tokens' is not supported: use 'max_completion_tokens'")(call, response)
      : says({ labels: [] })(call, response),
  );
  await client()(QUESTION, never);
  expect(server.calls.at(-1)?.body).toMatchObject({
    max_completion_tokens: 500,
    response_format: { type: 'json_schema' },
  });
});

it.each([
  [
    'a refusal',
    completes({ refusal: 'I cannot help with that.' }),
    { kind: 'refused', why: 'I cannot help with that.' },
  ],
  ['a content filter', completes({ finish: 'content_filter' }), { kind: 'refused' }],
  ['a cut answer', completes({ content: '{"labels": [', finish: 'length' }), { kind: 'cut', content: '{"labels": [' }],
  ['a call of a tool that it was never given', completes({ finish: 'tool_calls' }), { kind: 'said', content: '' }],
])('%s is an outcome, not an error', async (_, how, expected) => {
  server.behave(how);
  expect(await client()(QUESTION, never)).toMatchObject(expected);
});

it('a server that does not say what it used is counted at the most', async () => {
  server.behave(completes({ content: '{}', usage: null }));
  const { tokens } = await client()(QUESTION, never);
  expect(tokens).toEqual({ input: QUESTION.system.length + QUESTION.user.length, output: 500 });
});

it.each<[string, ChatBehaviour, object]>([
  [
    '429 with Retry-After',
    fails(429, 'slow down', { headers: { 'retry-after': '7' } }),
    { reason: 'rate-limited', more: { retryAfterSeconds: 7 } },
  ],
  [
    '503 with Retry-After',
    fails(503, 'busy', { headers: { 'retry-after': '3' } }),
    { reason: 'rate-limited', more: { retryAfterSeconds: 3 } },
  ],
  ['429 without', fails(429, 'slow down'), { reason: 'rate-limited' }],
  [
    'an account without money',
    fails(429, 'You exceeded your current quota', { code: 'insufficient_quota' }),
    { reason: 'auth' },
  ],
  ['500', fails(500, 'oops'), { reason: 'server' }],
  [
    'a wrong key',
    fails(401, `Incorrect API key provided: ${KEY}`),
    { reason: 'auth', message: expect.stringContaining('[key]') },
  ],
  [
    'a wrong model',
    fails(404, 'model "test-model" not found'),
    { reason: 'client', message: expect.stringMatching(/no such model.*404.*not found/) },
  ],
  [
    'a context that is too short',
    fails(400, 'maximum context length is 4096 tokens'),
    { reason: 'client', more: { status: 400 } },
  ],
  ['a body of two megabytes', floods, { reason: 'too-large' }],
  ['a page instead of a completion', (_, response) => response.end('<html>hello</html>'), { reason: 'malformed' }],
  ['an empty list of choices', (_, response) => response.end('{"choices":[]}'), { reason: 'malformed' }],
])('%s fails with its reason', async (_, how, expected) => {
  expect(await failureOf(how)).toMatchObject(expected);
});

it.each([
  ['OpenAI, Ollama', { error: { message: 'no such thing' } }],
  ['vLLM', { object: 'error', message: 'no such thing', code: 400 }],
  ['FastAPI', { detail: 'no such thing' }],
  ['Google', [{ error: { code: 400, message: 'no such thing' } }]],
  ['a plain word', { error: 'no such thing' }],
])('the sentence of an error is found as %s words it', async (_, body) => {
  const failure = await failureOf((__, response) => response.writeHead(404).end(JSON.stringify(body)));
  expect(failure.message).toMatch(/: no such thing$/);
});

it.each([
  ['a server that says nothing', hangs],
  ['a server that sends a byte now and then', drips],
])('%s is given up at the deadline', async (_, how) => {
  expect(await failureOf(how, { timeoutMs: 150 })).toMatchObject({ reason: 'timeout' });
});

it('a refused connection is a fault of the network', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  expect(await failureOf(hangs, { baseUrl })).toMatchObject({ reason: 'network' });
});

it('a redirect is not followed, so the key goes nowhere else', async () => {
  const asked: string[] = [];
  const other = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('{}');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/v1/chat/completions`;
  for (const status of [301, 302, 307, 308]) {
    const failure = await failureOf((_, response) => response.writeHead(status, { location }).end());
    expect(failure).toMatchObject({ reason: 'client', message: expect.stringContaining('redirects') });
  }
  expect(asked).toEqual([]);
  await new Promise((resolve) => other.close(resolve));
});

it('an address that is not the configured one and not public is not reached', async () => {
  const dispatcher = createGuardedDispatcher({ allow: ['models.example'] });
  expect(await failureOf(says({}), { dispatcher })).toMatchObject({ reason: 'network' });
  expect(server.calls).toEqual([]);
});

it('a stop of the caller is passed on as it is', async () => {
  server.behave(hangs);
  const stop = new AbortController();
  const asked = client()(QUESTION, stop.signal);
  const reason = new Error('the worker stops');
  await expect.poll(() => server.calls.length).toBe(1);
  stop.abort(reason);
  await expect(asked).rejects.toBe(reason);
});
