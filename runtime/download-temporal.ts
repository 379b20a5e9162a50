import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { Failure } from '../core/errors.js';
import { archiveName, type TemporalRelease } from './temporal-release.js';

const run = promisify(execFile);

/** The real archive has about 45 MB. */
const MAX_ARCHIVE_BYTES = 300_000_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Nothing arrives for so long: the connection is dead. */
const STALL_TIMEOUT_MS = 30_000;
const TOTAL_TIMEOUT_MS = 15 * 60_000;

export interface DownloadOptions {
  release: TemporalRelease;
  /** Instead of the release's own address, for mirrors. */
  baseUrl: string;
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY in either case. */
  vars: NodeJS.ProcessEnv;
  platform?: string;
  arch?: string;
  signal?: AbortSignal;
  onProgress?(bytes: number): void;
}

/**
 * Downloads the release's archive for this machine, checks it against the pinned SHA-256 before anything in it is touched, and unpacks
 * `temporal` into `directory`. Throws {@link Failure} whose message completes "the download ...".
 */
export async function downloadTemporal(directory: string, options: DownloadOptions): Promise<string> {
  const { release, platform = process.platform, arch = process.arch } = options;
  const expected = release.checksums[`${platform}-${arch}`];
  if (!expected) throw new Failure('unavailable', `has no build for ${platform} on ${arch}`);
  const name = archiveName(release.version, platform, arch);
  const archive = join(directory, name);
  const digest = await fetchToFile(`${options.baseUrl.replace(/\/+$/, '')}/${name}`, archive, options);
  if (digest !== expected)
    throw new Failure(
      'unavailable',
      `brought a file that is not the published one (SHA-256 ${digest.slice(0, 16)}... instead of ${expected.slice(0, 16)}...), so it was thrown away`,
    );
  try {
    await run('tar', ['-xzf', archive, '-C', directory, 'temporal']);
  } catch (error) {
    throw new Failure('unavailable', 'could not be unpacked with tar', { cause: error });
  }
  return join(directory, 'temporal');
}

async function fetchToFile(url: string, file: string, { vars, signal, onProgress }: DownloadOptions): Promise<string> {
  const deadline = AbortSignal.timeout(TOTAL_TIMEOUT_MS);
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: vars.http_proxy ?? vars.HTTP_PROXY ?? '',
    httpsProxy: vars.https_proxy ?? vars.HTTPS_PROXY ?? '',
    noProxy: vars.no_proxy ?? vars.NO_PROXY ?? '',
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: STALL_TIMEOUT_MS,
    bodyTimeout: STALL_TIMEOUT_MS,
  });
  try {
    const response = await fetch(url, { dispatcher, signal: signal ? AbortSignal.any([deadline, signal]) : deadline });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new Failure('unavailable', `from ${new URL(url).host} was answered with HTTP ${response.status}`);
    }
    const hash = createHash('sha256');
    let bytes = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        hash.update(chunk);
        onProgress?.(bytes);
        done(
          bytes > MAX_ARCHIVE_BYTES ? new Failure('too-large', 'is larger than any release was, so it was cut') : null,
          chunk,
        );
      },
    });
    await pipeline(Readable.fromWeb(response.body as never), meter, createWriteStream(file, { mode: 0o600 }));
    return hash.digest('hex');
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('network', `from ${new URL(url).host} broke off: ${networkReason(error)}`, { cause: error });
  } finally {
    await dispatcher.destroy();
  }
}

/** undici says `fetch failed` or `terminated`; the reason is in the innermost cause. */
function networkReason(error: unknown): string {
  let current = error as { message?: string; code?: string; cause?: unknown };
  while (current.cause && typeof current.cause === 'object') current = current.cause as typeof current;
  return current.message || current.code || 'no reason given';
}
