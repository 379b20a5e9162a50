import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface TestFeed {
  /** Folder for AXISWATCH_CONFIG_DIR. */
  configDir: string;
  /** How often the feed was asked for. */
  requests(): number;
  close(): Promise<void>;
}

const RSS = `<?xml version="1.0"?><rss version="2.0"><channel><title>Example</title>
<item><guid isPermaLink="false">one</guid><title>Russia and China hold joint naval drills</title>
<link>https://example.org/one</link><pubDate>Mon, 02 Jun 2025 10:00:00 GMT</pubDate></item></channel></rss>`;

/** A configuration with one feed, served on this machine: nothing of a test goes out. */
export async function makeTestConfig(folder: string): Promise<TestFeed> {
  let requests = 0;
  const server: Server = createServer((_request, response) => {
    requests += 1;
    response.setHeader('content-type', 'application/rss+xml');
    response.end(RSS);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'sources.yaml'),
    `sources:
  - id: example
    name: Example
    country: RU
    language: en
    bloc: russian
    timezone: UTC
    feeds:
      - id: example-all
        url: http://127.0.0.1:${(server.address() as AddressInfo).port}/feed.xml
        kind: feed
        every: 1m
`,
  );
  return {
    configDir: folder,
    requests: () => requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
