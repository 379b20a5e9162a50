import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../activities/deps.js';
import { makeDirectory } from '../config/make-directory.js';
import { Failure } from '../core/errors.js';
import { downloadTemporal } from './download-temporal.js';
import { readLock, waitForLock } from './process-lock.js';
import { TEMPORAL_RELEASE, type TemporalRelease } from './temporal-release.js';

const run = promisify(execFile);

/** A build takes 2 to 5 minutes on two cores; a slow machine may need more. */
const BUILD_TIMEOUT_MS = 30 * 60_000;
const TELL_EVERY_MS = 15_000;
const DRAFT = 'draft-';

export interface FindTemporalEnv {
  temporalCliPath: string | null;
  cacheDir: string;
  vars: NodeJS.ProcessEnv;
}

export interface FindTemporalOptions {
  release?: TemporalRelease;
  /** Gives up a download or build that is under way. */
  signal?: AbortSignal;
}

/** What each way of getting the program needs. */
interface Search {
  env: FindTemporalEnv;
  log: Log;
  release: TemporalRelease;
  signal: AbortSignal | undefined;
}

/**
 * The `temporal` program whose `server start-dev` is our embedded server. Looked for in this order: `TEMPORAL_CLI_PATH`, PATH, our
 * cache, a checksum-verified download, a build with Go. What was downloaded or built goes into the cache, once for all commands that
 * ask at the same time. Throws one {@link Failure} that lists the choices when no way works.
 */
export async function findTemporalCli(
  env: FindTemporalEnv,
  log: Log,
  { release = TEMPORAL_RELEASE, signal }: FindTemporalOptions = {},
): Promise<string> {
  if (env.temporalCliPath) {
    if (await isTemporal(env.temporalCliPath)) return env.temporalCliPath;
    throw new Failure(
      'invalid-config',
      `TEMPORAL_CLI_PATH names ${env.temporalCliPath}, which is not a Temporal CLI that runs here: correct it, or unset it to have one found.`,
    );
  }
  const onPath = await lookOnPath(env.vars);
  if (onPath) return onPath;
  const cached = await lookInCache(env, release);
  if (!cached) return install({ env, log, release, signal });
  if ((await readLock(lockFileOf(env))) === null) sweep(env, log);
  return cached;
}

/** Looks without downloading or building anything; null when there is none yet. */
export async function lookForTemporalCli(
  env: FindTemporalEnv,
  release: TemporalRelease = TEMPORAL_RELEASE,
): Promise<string | null> {
  if (env.temporalCliPath) return (await isTemporal(env.temporalCliPath)) ? env.temporalCliPath : null;
  return (await lookOnPath(env.vars)) ?? lookInCache(env, release);
}

/** What it says of itself, e.g. `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`; null when it is none or does not run. */
export async function readTemporalVersion(path: string): Promise<string | null> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 60_000 });
    return stdout.startsWith('temporal version') ? stdout.trim() : null;
  } catch {
    return null; // not there, not executable, another architecture, cut off: for us all the same
  }
}

async function isTemporal(path: string): Promise<boolean> {
  return (await readTemporalVersion(path)) !== null;
}

async function lookOnPath(vars: NodeJS.ProcessEnv): Promise<string | null> {
  for (const directory of (vars.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(directory, 'temporal');
    if (statSync(path, { throwIfNoEntry: false })?.isFile() && (await isTemporal(path))) return path;
  }
  return null;
}

function cacheFolder(env: FindTemporalEnv): string {
  return join(env.cacheDir, 'temporal-cli');
}

function lockFileOf(env: FindTemporalEnv): string {
  return join(cacheFolder(env), 'install.lock');
}

async function lookInCache(env: FindTemporalEnv, release: TemporalRelease): Promise<string | null> {
  const path = join(cacheFolder(env), release.version, 'temporal');
  return (await isTemporal(path)) ? path : null;
}

async function install(search: Search): Promise<string> {
  const { env, log, release } = search;
  const folder = cacheFolder(env);
  try {
    makeDirectory(folder, 0o700);
  } catch (error) {
    throw new Failure(
      'unavailable',
      `The cache folder ${folder} cannot be made: set AXISWATCH_CACHE_DIR to a folder that this user may write.`,
      { cause: error },
    );
  }
  const lock = await waitForLock(lockFileOf(env), 'installing the Temporal CLI', BUILD_TIMEOUT_MS, (owner) =>
    log.info({ pid: owner.pid }, 'another axiswatch command is installing the Temporal CLI: waiting for it'),
  );
  if (!('release' in lock))
    throw new Failure(
      'unavailable',
      `Process ${lock.pid} has been installing the Temporal CLI for too long: end it and start again.`,
    );
  try {
    const done = await lookInCache(env, release); // whoever we waited for has done it
    if (done) return done;
    const draft = mkdtempSync(join(folder, DRAFT));
    const made = await make(draft, search);
    const home = join(folder, release.version);
    rmSync(home, { recursive: true, force: true }); // there only when it does not run
    mkdirSync(home, { mode: 0o700 });
    renameSync(made, join(home, 'temporal'));
    return join(home, 'temporal');
  } finally {
    sweep(env, log);
    lock.release();
  }
}

/**
 * Removes drafts, our own or those of killed commands, beside what the caller goes on to do: the sources of a build are a hundred
 * thousand files. What a stop cuts short is removed at the next start.
 */
function sweep(env: FindTemporalEnv, log: Log): void {
  const folder = cacheFolder(env);
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(DRAFT)))
    rm(join(folder, name), { recursive: true, force: true }).catch((error: unknown) =>
      log.debug({ error }, 'a draft of the Temporal CLI could not be removed yet'),
    );
}

/** Downloads or builds into `draft`. Each way that fails says why in one sentence; together they make the last message. */
async function make(draft: string, search: Search): Promise<string> {
  const { log, release, signal } = search;
  const reasons: string[] = [];
  for (const way of [download, build]) {
    try {
      const path = await way(draft, search);
      if (await isTemporal(path)) return path;
      throw new Failure(
        'unavailable',
        `${way === download ? 'The download' : 'The build'} gave a program that does not run here`,
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Failure)) throw error;
      reasons.push(error.message);
      log.warn({}, `No Temporal CLI this way: ${error.message}.`);
    }
  }
  throw new Failure(
    'unavailable',
    [
      `The Temporal CLI, which runs the embedded Temporal server, is missing. ${reasons.join('. ')}.`,
      'Choose one:',
      `  - install it (version ${release.version} or later) and put it on PATH, or name it in TEMPORAL_CLI_PATH`,
      '  - set AXISWATCH_TEMPORAL_DOWNLOAD_URL to a mirror of the release folder, or HTTPS_PROXY to your proxy',
      '  - install Go 1.24 or later, and axiswatch builds it',
      '  - set TEMPORAL_ADDRESS to a Temporal server that runs elsewhere',
      '  - run `axiswatch poll --once`, which needs no Temporal server',
    ].join('\n'),
  );
}

async function download(draft: string, { env, log, release, signal }: Search): Promise<string> {
  const baseUrl = env.vars.AXISWATCH_TEMPORAL_DOWNLOAD_URL?.trim() || release.baseUrl;
  if (!/^https?:\/\//.test(baseUrl) || !URL.canParse(baseUrl))
    throw new Failure('invalid-config', 'AXISWATCH_TEMPORAL_DOWNLOAD_URL must be an http or https address');
  log.info({ url: baseUrl }, `downloading the Temporal CLI ${release.version} (about 45 MB, once)`);
  const started = Date.now();
  let told = started;
  try {
    const path = await downloadTemporal(draft, {
      release,
      baseUrl,
      vars: env.vars,
      signal,
      onProgress(bytes) {
        if (Date.now() - told < TELL_EVERY_MS) return;
        told = Date.now();
        log.info({}, `downloading the Temporal CLI: ${Math.round(bytes / 1e6)} MB after ${seconds(started)} s`);
      },
    });
    log.info({}, `the Temporal CLI was downloaded and its checksum is right (${seconds(started)} s)`);
    return path;
  } catch (error) {
    if (error instanceof Failure) throw new Failure(error.reason, `The download ${error.message}`, { cause: error });
    throw error;
  }
}

async function build(draft: string, { env, log, release, signal }: Search): Promise<string> {
  const vars = goEnvironment(env, draft);
  const go = await run('go', ['version'], { env: vars }).then(
    (done) => done.stdout.trim(),
    () => null,
  );
  if (!go) throw new Failure('unavailable', 'Go, which could build it, is not installed');
  const started = Date.now();
  log.info(
    { go },
    `building the Temporal CLI ${release.version} with Go: 2 to 5 minutes on two cores, once; it is kept in ${env.cacheDir}`,
  );
  const ticker = setInterval(
    () => log.info({}, `building the Temporal CLI: ${seconds(started)} s so far`),
    TELL_EVERY_MS,
  );
  try {
    await run('go', ['install', '-trimpath', '-ldflags=-s -w', `${release.goPackage}@v${release.version}`], {
      env: await withoutLeftovers(vars, draft),
      cwd: draft, // outside of any module, whatever directory the command was given in
      timeout: BUILD_TIMEOUT_MS,
      signal,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr || error)
      .trim()
      .split('\n')
      .slice(-2)
      .join(' ');
    throw new Failure('unavailable', `The build with Go failed: ${said}`, { cause: error });
  } finally {
    clearInterval(ticker);
  }
  log.info({}, `the Temporal CLI was built (${seconds(started)} s)`);
  return join(draft, 'temporal');
}

/** Go's own settings and proxies of this user; nothing of ours. Without cgo, like the official builds. */
function goEnvironment(env: FindTemporalEnv, bin: string): NodeJS.ProcessEnv {
  const passed = Object.entries(env.vars).filter(([name]) =>
    /^(PATH|HOME|USER|TMPDIR|GO[A-Z0-9_]*|XDG_CACHE_HOME|(https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|NETRC)$/i.test(name),
  );
  return { HOME: env.cacheDir, ...Object.fromEntries(passed), GOBIN: bin, CGO_ENABLED: '0' };
}

/**
 * The sources and objects of the build take 3 GB. Somebody who works with Go has such caches and keeps them; for everybody else they go
 * into the draft and are thrown away with it (`-modcacherw`, because Go makes them read-only).
 */
async function withoutLeftovers(vars: NodeJS.ProcessEnv, draft: string): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await run('go', ['env', 'GOMODCACHE'], { env: vars });
  const cache = stdout.trim();
  if (cache && statSync(cache, { throwIfNoEntry: false })) return vars;
  const flags = [vars.GOFLAGS, '-modcacherw'].filter(Boolean).join(' ');
  return { ...vars, GOPATH: join(draft, 'go'), GOCACHE: join(draft, 'go-build'), GOFLAGS: flags };
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}
