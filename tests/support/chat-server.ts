import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server understood it. */
export interface ChatCall {
  path: string;
  headers: IncomingHttpHeaders;
  body: {
    model: string;
    temperature: number;
    stream: boolean;
    messages: Array<{ role: string; content: string }>;
    response_format?: { type: string; json_schema?: { schema: object } };
    tools?: unknown;
    [key: string]: unknown;
  };
}

export type ChatBehaviour = (call: ChatCall, response: ServerResponse) => void;

export interface ChatServer {
  /** The base of the API, as a setting takes it. */
  url: string;
  calls: ChatCall[];
  /** How the next requests are answered, one each; the last one stays. */
  behave(...how: ChatBehaviour[]): void;
  close(): Promise<void>;
}

/** A real server on loopback that speaks the chat completions protocol; until told otherwise it finds no label in anything. */
export async function startChatServer(): Promise<ChatServer> {
  const calls: ChatCall[] = [];
  let queue: ChatBehaviour[] = [says({ labels: [] })];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
      const call: ChatCall = { path: request.url ?? '', headers: request.headers, body };
      calls.push(call);
      const how = queue.length > 1 ? queue.shift()! : queue[0]!;
      how(call, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    calls,
    behave(...how) {
      queue = how;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

interface Completion {
  content?: string | null;
  refusal?: string;
  finish?: string;
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
}

/** A chat completion around words of the model. */
export function completes({ content = null, refusal, finish = 'stop', usage }: Completion): ChatBehaviour {
  return (_, response) =>
    json(response, 200, {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      model: 'test-model',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content, ...(refusal === undefined ? {} : { refusal }) },
          finish_reason: finish,
        },
      ],
      ...(usage === null ? {} : { usage: usage ?? { prompt_tokens: 10_000, completion_tokens: 100 } }),
    });
}

/** The model answers with this object as JSON. */
export const says = (answer: unknown): ChatBehaviour => completes({ content: JSON.stringify(answer) });

/** The model reads the item and answers what `think` makes of it. */
export function reads(think: (item: string) => unknown): ChatBehaviour {
  return (call, response) => says(think(call.body.messages.at(-1)!.content))(call, response);
}

/** An error as such servers word it. */
export function fails(
  status: number,
  message: string,
  { headers, code }: { headers?: Record<string, string>; code?: string } = {},
): ChatBehaviour {
  return (_, response) => json(response, status, { error: { message, code: code ?? null } }, headers);
}

/** Takes only requests without structured output of these kinds. */
export function refusesFormats(formats: string[], otherwise: ChatBehaviour): ChatBehaviour {
  return (call, response) => {
    const format = call.body.response_format?.type;
    if (format === undefined || !formats.includes(format)) return otherwise(call, response);
    return fails(400, `response_format ${format} is not supported`)(call, response);
  };
}

/** Sends a byte now and then and never ends. */
export const drips: ChatBehaviour = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};

/** Takes the request and says nothing. */
export const hangs: ChatBehaviour = () => undefined;

/** An answer of two megabytes. */
export const floods: ChatBehaviour = (call, response) =>
  completes({ content: 'x'.repeat(2 * 1024 * 1024) })(call, response);
