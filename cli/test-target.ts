import type { Io } from './io.js';

export async function testTarget(_io: Io, _target: string, _options: { json?: boolean }): Promise<number> {
  throw new Error('not yet');
}
