import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FindTemporalEnv, findTemporalCli, lookForTemporalCli } from '../../runtime/find-temporal.js';
import { archiveName, TEMPORAL_RELEASE, type TemporalRelease } from '../../runtime/temporal-release.js';

const PROGRAM = '#!/bin/sh\necho "temporal version 9.9.9 (Server 1.29.1, UI 2.42.1)"\n';
const VERSION = '9.9.9';
const ARCHIVE = archiveName(VERSION, process.platform, process.arch);

let root: string;
let archive: Buffer;
let release: TemporalRelease;
let servers: Server[];
let told: string[];

const log = {
  debug: () => undefined,
  info: (_fields: object, message: string) => void told.push(message),
  warn: (_fields: object, message: string) => void told.push(message),
  error: () => undefined,
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'axiswatch-cli-'));
  servers = [];
  told = [];
  const files = join(root, 'files');
  mkdirSync(files);
  writeProgram(join(files, 'temporal'), PROGRAM);
  writeFileSync(join(files, 'LICENSE'), 'MIT');
  execFileSync('tar', ['-czf', join(root, ARCHIVE), '-C', files, 'LICENSE', 'temporal']);
  archive = readFileSync(join(root, ARCHIVE));
  release = {
    version: VERSION,
    baseUrl: 'http://127.0.0.1:9/unused',
    checksums: { [`${process.platform}-${process.arch}`]: createHash('sha256').update(archive).digest('hex') },
    goPackage: 'example.org/temporal',
  };
});

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(root, { recursive: true, force: true });
});

function writeProgram(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** Nothing on PATH, so that neither this machine's Temporal nor its Go takes part. */
function env(vars: NodeJS.ProcessEnv = {}, path: string | null = null): FindTemporalEnv {
  return { temporalCliPath: path, cacheDir: join(root, 'cache'), vars: { PATH: join(root, 'bin'), ...vars } };
}

async function serve(answer: RequestListener): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const mirror = () => serve((_request, response) => void response.end(archive));
const cached = () => (existsSync(join(root, 'cache')) ? readdirSync(join(root, 'cache'), { recursive: true }) : []);

describe('the pinned release', () => {
  it('has a checksum for every platform that axiswatch runs on', () => {
    expect(Object.keys(TEMPORAL_RELEASE.checksums).sort()).toEqual([
      'darwin-arm64',
      'darwin-x64',
      'linux-arm64',
      'linux-x64',
    ]);
    expect(Object.values(TEMPORAL_RELEASE.checksums).every((sum) => /^[0-9a-f]{64}$/.test(sum))).toBe(true);
    expect(archiveName('1.5.1', 'linux', 'x64')).toBe('temporal_cli_1.5.1_linux_amd64.tar.gz');
    expect(archiveName('1.5.1', 'darwin', 'arm64')).toBe('temporal_cli_1.5.1_darwin_arm64.tar.gz');
  });
});

describe('finding the Temporal CLI', () => {
  it('takes TEMPORAL_CLI_PATH first, and does not look elsewhere when that is wrong', async () => {
    const path = join(root, 'files/temporal');
    expect(await findTemporalCli(env({}, path), log, { release })).toBe(path);
    await expect(findTemporalCli(env({}, join(root, 'nothing')), log, { release })).rejects.toMatchObject({
      reason: 'invalid-config',
      message: expect.stringMatching(/^TEMPORAL_CLI_PATH names .*nothing, which is not a Temporal CLI that runs here/),
    });
  });

  it('takes the one on PATH, but not another program of that name', async () => {
    mkdirSync(join(root, 'bin'));
    mkdirSync(join(root, 'bin2'));
    writeProgram(join(root, 'bin/temporal'), '#!/bin/sh\necho "temporal lobe 1.0"\n');
    writeProgram(join(root, 'bin2/temporal'), PROGRAM);
    const found = await findTemporalCli(env({ PATH: `${root}/bin:${root}/bin2` }), log, { release });
    expect(found).toBe(join(root, 'bin2/temporal'));
  });

  it('downloads it once and takes it from the cache from then on', async () => {
    const { url, requests } = await mirror();
    const vars = { AXISWATCH_TEMPORAL_DOWNLOAD_URL: `${url}/v9.9.9/` };
    const expected = join(root, 'cache/temporal-cli/9.9.9/temporal');
    expect(await lookForTemporalCli(env(vars), release)).toBeNull();
    expect(await findTemporalCli(env(vars), log, { release })).toBe(expected);
    expect(await findTemporalCli(env(vars), log, { release })).toBe(expected);
    expect(await lookForTemporalCli(env(vars), release)).toBe(expected);
    expect(requests).toEqual([`/v9.9.9/${ARCHIVE}`]);
    expect(told[0]).toBe('downloading the Temporal CLI 9.9.9 (about 45 MB, once)');
    await expect.poll(() => cached().filter((name) => String(name).includes('draft'))).toEqual([]);
    // What a killed build left is removed beside the next start.
    mkdirSync(join(root, 'cache/temporal-cli/draft-killed/go'), { recursive: true });
    await findTemporalCli(env(vars), log, { release });
    await expect.poll(() => cached().filter((name) => String(name).includes('draft'))).toEqual([]);
  });

  it('downloads it once for commands that ask at the same time', async () => {
    const { url, requests } = await mirror();
    const vars = { AXISWATCH_TEMPORAL_DOWNLOAD_URL: url };
    const found = await Promise.all([1, 2, 3].map(() => findTemporalCli(env(vars), log, { release })));
    expect(new Set(found).size).toBe(1);
    expect(requests.length).toBe(1);
  });

  it('replaces one in the cache that was cut off', async () => {
    const { url } = await mirror();
    const vars = { AXISWATCH_TEMPORAL_DOWNLOAD_URL: url };
    const path = await findTemporalCli(env(vars), log, { release });
    writeFileSync(path, 'cut');
    expect(await findTemporalCli(env(vars), log, { release })).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe(PROGRAM);
  });

  it('takes over the lock of a command that was killed', async () => {
    const { url } = await mirror();
    mkdirSync(join(root, 'cache/temporal-cli/draft-old'), { recursive: true });
    const gone = JSON.stringify({ pid: process.pid, mark: 'an earlier life', what: 'installing' });
    writeFileSync(join(root, 'cache/temporal-cli/install.lock'), gone);
    await findTemporalCli(env({ AXISWATCH_TEMPORAL_DOWNLOAD_URL: url }), log, { release });
    await expect
      .poll(() => cached().map(String).sort())
      .toEqual(['temporal-cli', 'temporal-cli/9.9.9', 'temporal-cli/9.9.9/temporal']);
  });

  it('downloads through the configured proxy', async () => {
    const { url, requests } = await mirror();
    const tunnels: string[] = [];
    const proxy = createServer();
    servers.push(proxy);
    proxy.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      const upstream = connect(Number(new URL(url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    // The host resolves nowhere: only the proxy can reach it.
    await findTemporalCli(
      env({
        AXISWATCH_TEMPORAL_DOWNLOAD_URL: 'http://releases.invalid/cli',
        HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      }),
      log,
      { release },
    );
    expect(tunnels).toEqual(['releases.invalid:80']);
    expect(requests).toEqual([`/cli/${ARCHIVE}`]);
  });

  describe('says in one sentence why a download was no use, keeps nothing of it, and lists the choices', () => {
    it.each<[string, RequestListener, RegExp]>([
      [
        'a wrong checksum',
        (_q, r) => void r.end(Buffer.concat([archive, Buffer.from('x')])),
        /brought a file that is not the published one \(SHA-256/,
      ],
      [
        'a cut connection',
        (_q, r) => {
          r.writeHead(200, { 'content-length': String(archive.length * 2) });
          r.write(archive, () => r.destroy());
        },
        /The download from 127\.0\.0\.1:\d+ broke off: /,
      ],
      ['a file that is not there', (_q, r) => void r.writeHead(404).end('no'), /was answered with HTTP 404/],
    ])('%s', async (_name, answer, reason) => {
      const { url } = await serve(answer);
      const failure = findTemporalCli(env({ AXISWATCH_TEMPORAL_DOWNLOAD_URL: url }), log, { release });
      await expect(failure).rejects.toMatchObject({ reason: 'unavailable' });
      const message = await failure.catch((error: Error) => error.message);
      expect(message).toMatch(reason);
      expect(message).toMatch(/Go, which could build it, is not installed/);
      expect(message).toMatch(
        /TEMPORAL_CLI_PATH[\s\S]*AXISWATCH_TEMPORAL_DOWNLOAD_URL[\s\S]*Go 1\.\d+[\s\S]*TEMPORAL_ADDRESS[\s\S]*poll --once/,
      );
      await expect.poll(() => cached().map(String)).toEqual(['temporal-cli']);
    });

    it('an address that is none', async () => {
      await expect(
        findTemporalCli(env({ AXISWATCH_TEMPORAL_DOWNLOAD_URL: 'ftp://x' }), log, { release }),
      ).rejects.toThrow(/AXISWATCH_TEMPORAL_DOWNLOAD_URL must be an http or https address/);
    });

    it('a platform without a build', async () => {
      await expect(findTemporalCli(env(), log, { release: { ...release, checksums: {} } })).rejects.toThrow(
        /The download has no build for/,
      );
    });
  });

  it('builds it with Go when the download fails, into the cache', async () => {
    const { url } = await serve((_q, r) => void r.writeHead(404).end());
    mkdirSync(join(root, 'bin'));
    // Stands in for the Go tool, whose real build takes minutes: it notes how it was called and leaves a program in GOBIN.
    writeProgram(
      join(root, 'bin/go'),
      `#!/bin/sh\nPATH=/usr/bin:/bin\ncase "$1" in version) echo go version go1.26 test;;\ninstall) echo "$*" CGO=$CGO_ENABLED TOKEN=$AXISWATCH_API_TOKEN > ${root}/called; cp ${root}/files/temporal "$GOBIN/temporal";; esac\n`,
    );
    const vars = { AXISWATCH_TEMPORAL_DOWNLOAD_URL: url, AXISWATCH_API_TOKEN: 'not for Go' };
    expect(await findTemporalCli(env(vars), log, { release })).toBe(join(root, 'cache/temporal-cli/9.9.9/temporal'));
    expect(readFileSync(join(root, 'called'), 'utf8')).toBe(
      'install -trimpath -ldflags=-s -w example.org/temporal@v9.9.9 CGO=0 TOKEN=\n',
    );
    expect(told.find((line) => line.startsWith('No Temporal CLI'))).toMatch(
      /^No Temporal CLI this way: The download from .* was answered with HTTP 404\.$/,
    );
    expect(told.find((line) => line.startsWith('building'))).toMatch(
      /2 to 5 minutes on two cores, once; it is kept in/,
    );
  });

  it('says what Go said when the build fails', async () => {
    mkdirSync(join(root, 'bin'));
    writeProgram(
      join(root, 'bin/go'),
      '#!/bin/sh\ncase "$1" in version) echo go version go1.1 test;; *) echo "go: example.org/temporal@v9.9.9: no such module" >&2; exit 1;; esac\n',
    );
    await expect(findTemporalCli(env(), log, { release })).rejects.toThrow(
      /The build with Go failed: go: example\.org\/temporal@v9\.9\.9: no such module/,
    );
  });
});
