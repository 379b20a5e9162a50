import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { Failure } from '../core/errors.js';
import type { ChatAnswer, ChatQuestion } from '../core/second-coder/chat.js';
import { mostTokens, type Tokens } from '../core/second-coder/cost.js';
import { toFailure } from '../feeds/http-faults.js';
import { header, retryAfterSeconds } from '../feeds/http-headers.js';
import { readBody } from '../feeds/response-body.js';

export interface ChatClientOptions {
  /** Up to and without `/chat/completions`. */
  baseUrl: string;
  model: string;
  apiKey: string | null;
  /** For one request with everything, the last byte of the answer included. */
  timeoutMs: number;
  maxTokens: number;
  /** Decides which addresses may be reached. */
  dispatcher: Dispatcher;
  userAgent: string;
  now?: () => Date;
}

export type Chat = (question: ChatQuestion, signal: AbortSignal) => Promise<ChatAnswer>;

/** An answer is a few kilobytes; what is longer is none. */
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_DETAIL = 200;
/** Beyond any model there is: a number that a server made up must not break the books. */
const MAX_TOKENS = 100_000_000;

/** From the surest to what every server takes. */
const FORMATS = ['json_schema', 'json_object', 'none'] as const;
const LIMIT_NAMES = ['max_tokens', 'max_completion_tokens'] as const;

const completion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({
          content: z.union([z.string(), z.array(z.object({ text: z.string().optional() }))]).nullish(),
          refusal: z.string().nullish(),
        }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.int().min(0).optional(), completion_tokens: z.int().min(0).optional() }).nullish(),
});

/**
 * A client of the chat completions protocol (`POST {base}/chat/completions`), as OpenAI, Ollama, vLLM and many others speak it.
 * Temperature 0, no stream, no tools. Structured output is asked for by JSON Schema, then as any JSON object, then not at all, as
 * far as the server goes along; what worked is kept. Redirects are not followed: the request carries a key. Failures hold neither
 * the key nor the question.
 */
export function createChatClient(options: ChatClientOptions): Chat {
  const { baseUrl, model, maxTokens } = options;
  const url = new URL(`${baseUrl}/chat/completions`);
  let format = 0;
  let limitName = 0;
  return async (question, signal) => {
    const messages = [
      { role: 'system', content: question.system },
      { role: 'user', content: question.user },
    ];
    const sent = messages.map(({ content }) => content);
    for (let step = format, limit = limitName; ; ) {
      const body = {
        model,
        messages,
        temperature: 0,
        stream: false,
        [LIMIT_NAMES[limit]!]: maxTokens,
        ...responseFormat(FORMATS[step]!, question.schema),
      };
      try {
        const answer = await post(url, JSON.stringify(body), options, signal);
        [format, limitName] = [step, limit];
        return readCompletion(answer, mostTokens(sent, maxTokens));
      } catch (error) {
        if (!isRefusedRequest(error)) throw error;
        if (limit === 0 && /max_completion_tokens/.test(error.message)) limit++;
        else if (step < FORMATS.length - 1) step++;
        else throw error;
      }
    }
  };
}

function responseFormat(format: (typeof FORMATS)[number], schema: object): object {
  if (format === 'none') return {};
  if (format === 'json_object') return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: { name: 'labels', strict: true, schema } } };
}

/** A request that the server does not take as it is; another form of it may do. Nothing was charged. */
function isRefusedRequest(error: unknown): error is Failure {
  if (!(error instanceof Failure) || (error.more.status !== 400 && error.more.status !== 422)) return false;
  return !/context.{0,20}(length|window)|too long|too many tokens/i.test(error.message);
}

async function post(url: URL, body: string, options: ChatClientOptions, signal: AbortSignal): Promise<string> {
  const { apiKey, timeoutMs, dispatcher, userAgent, now = () => new Date() } = options;
  signal.throwIfAborted();
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const {
      statusCode,
      headers,
      body: stream,
    } = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': userAgent,
        ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body,
      dispatcher,
      signal: AbortSignal.any([signal, deadline]),
    });
    const read = await readBody(stream, header(headers, 'content-encoding'), MAX_BODY_BYTES, () => false);
    const text = Buffer.from(read.body).toString('utf8');
    if (statusCode >= 200 && statusCode < 300) return text;
    throw refusal(url, statusCode, text, retryAfter(headers, now()), apiKey);
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted)
      throw new Failure('timeout', `${url.host} did not finish its answer within ${timeoutMs / 1000} s.`, {
        fault: 'deadline',
      });
    throw error instanceof Failure ? error : withoutCause(toFailure(error, url.host));
  }
}

type Headers = Parameters<typeof header>[0];

function retryAfter(headers: Headers, now: Date): number | undefined {
  const value = header(headers, 'retry-after');
  return value === null ? undefined : retryAfterSeconds(value, now);
}

/** An error of a library may hold the request with its key. */
function withoutCause({ reason, message, more }: Failure): Failure {
  return new Failure(reason, message, { ...more, cause: undefined });
}

/** Codes of accounts without money left: waiting does not help. */
const NO_MONEY = /insufficient_quota|billing|credit/i;

function refusal(url: URL, status: number, text: string, wait: number | undefined, apiKey: string | null): Failure {
  const said = serverWords(text, apiKey);
  const words = (what: string) => `${url.host} ${what} (HTTP ${status})${said ? `: ${said}` : '.'}`;
  const more = { status, fault: 'http' as const, retryAfterSeconds: wait };
  if (status >= 300 && status < 400) return new Failure('client', words('redirects, which is not followed'), more);
  if (status === 401 || status === 403) return new Failure('auth', words('does not accept the key'), more);
  if (status === 402 || (status === 429 && NO_MONEY.test(text)))
    return new Failure('auth', words('says that the account has no money left'), { status, fault: 'http' });
  if (status === 429 || (status === 503 && wait !== undefined))
    return new Failure('rate-limited', words('asks us to wait'), more);
  if (status === 408 || status === 409 || status === 425 || status >= 500)
    return new Failure('server', words('has a fault of its own'), more);
  if (status === 404) return new Failure('client', words('knows no such model or address'), more);
  return new Failure('client', words('refuses the request'), more);
}

/** OpenAI and Ollama nest the sentence, vLLM has it on top, FastAPI calls it `detail`, Google sends a list. */
function findSentence(body: unknown, depth = 0): string {
  if (typeof body === 'string') return body;
  if (depth > 4) return '';
  if (Array.isArray(body)) return findSentence(body[0], depth + 1);
  if (body === null || typeof body !== 'object') return '';
  const { error, message, detail } = body as Record<string, unknown>;
  return findSentence(error ?? message ?? detail, depth + 1);
}

/** The server's own sentence, short, printable, and without the key it was given. A page of HTML says nothing to an operator. */
function serverWords(text: string, apiKey: string | null): string {
  const message = findSentence(parseJson(text));
  const clean = message
    .replaceAll(apiKey || '\0', '[key]')
    // Servers repeat keys with a part of them starred out.
    .replace(/\b(sk|key|pk|gsk|hf)[-_][\w*-]{6,}/gi, '[key]')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return clean.length > MAX_DETAIL ? `${clean.slice(0, MAX_DETAIL)}...` : clean;
}

function readCompletion(text: string, most: Tokens): ChatAnswer {
  const parsed = completion.safeParse(parseJson(text));
  if (!parsed.success)
    throw new Failure('malformed', "The answer of the second coder's server is no chat completion.", {
      fault: 'parse',
    });
  const { choices, usage } = parsed.data;
  const { message, finish_reason: finish } = choices[0]!;
  const content =
    typeof message.content === 'string'
      ? message.content
      : (message.content?.map((part) => part.text ?? '').join('') ?? null);
  // Who does not say what it used is counted at the most.
  const tokens = {
    input: Math.min(usage?.prompt_tokens ?? most.input, MAX_TOKENS),
    output: Math.min(usage?.completion_tokens ?? most.output, MAX_TOKENS),
  };
  if (message.refusal) return { kind: 'refused', why: message.refusal, content, tokens };
  if (finish === 'content_filter') return { kind: 'refused', why: 'the content filter stopped it', content, tokens };
  if (finish === 'length') return { kind: 'cut', why: 'the answer was cut at the limit of tokens', content, tokens };
  return { kind: 'said', content: content ?? '', tokens };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
