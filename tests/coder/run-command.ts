import { Writable } from 'node:stream';
import { main } from '../../cli/index.js';

/** A stream that keeps what is written to it. */
export function sink(): { stream: Writable; text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}

/** Runs a command in this process with the given settings only. */
export async function run(
  argv: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; out: string; err: string }> {
  const [out, err] = [sink(), sink()];
  const code = await main(argv, { out: out.stream, err: err.stream, env });
  return { code, out: out.text(), err: err.text() };
}
