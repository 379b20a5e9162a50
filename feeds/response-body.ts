import { promisify } from 'node:util';
import { brotliDecompress, constants, gunzip, inflate, inflateRaw } from 'node:zlib';
import { Failure } from '../core/errors.js';

export interface ReadBody {
  body: Uint8Array;
  wireBytes: number;
  /** The connection or the compressed stream ended before its end. */
  truncated: boolean;
}

/**
 * Reads a response to its end and decompresses it. Never holds more than `maxBytes` of either form: a longer body, whatever its
 * `Content-Length` says, is a {@link Failure} `too-large`. A connection that is cut after some bytes keeps them and is flagged;
 * `onCut` decides whether an error is such a cut.
 */
export async function readBody(
  stream: AsyncIterable<Uint8Array>,
  contentEncoding: string | null,
  maxBytes: number,
  onCut: (error: unknown) => boolean,
): Promise<ReadBody> {
  const chunks: Uint8Array[] = [];
  let wireBytes = 0;
  let truncated = false;
  try {
    for await (const chunk of stream) {
      wireBytes += chunk.byteLength;
      // Leaving the loop destroys the stream, and with it the socket.
      if (wireBytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Failure || wireBytes === 0 || !onCut(error)) throw error;
    truncated = true;
  }
  const inflated = await inflateBody(Buffer.concat(chunks), contentEncoding, maxBytes);
  return { body: inflated.body, wireBytes, truncated: truncated || inflated.truncated };
}

function tooLarge(maxBytes: number): Failure {
  return new Failure(
    'too-large',
    `The body is larger than ${Math.round(maxBytes / 1024)} KiB, so it was not read to its end.`,
    { fault: 'size' },
  );
}

interface Inflated {
  body: Uint8Array;
  truncated: boolean;
}

/** Content-Encoding may name several codings, and proxies compress without saying so: the gzip magic decides as well. */
const MAX_LAYERS = 3;

/** Undoes `Content-Encoding`, asked for or not, and gzip that no header names. */
export async function inflateBody(
  bytes: Uint8Array,
  contentEncoding: string | null,
  maxBytes: number,
): Promise<Inflated> {
  const layers = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .reverse();
  if (layers.length > MAX_LAYERS)
    throw new Failure('malformed', `The body is compressed ${layers.length} times over.`, { fault: 'decode' });
  let current: Inflated = { body: bytes, truncated: false };
  for (const layer of layers) current = merge(current, await undoLayer(current.body, layer, maxBytes));
  for (let extra = 0; extra < MAX_LAYERS && isGzip(current.body); extra++)
    current = merge(current, await undoLayer(current.body, 'gzip', maxBytes));
  return current;
}

function merge(before: Inflated, after: Inflated): Inflated {
  return { body: after.body, truncated: before.truncated || after.truncated };
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

async function undoLayer(bytes: Uint8Array, layer: string, maxBytes: number): Promise<Inflated> {
  if (bytes.byteLength === 0) return { body: bytes, truncated: false };
  switch (layer) {
    case 'gzip':
    case 'x-gzip':
      // A label without the magic is a lie: the body is plain.
      return isGzip(bytes)
        ? decompress(gunzipAsync, bytes, maxBytes, constants.Z_SYNC_FLUSH)
        : { body: bytes, truncated: false };
    case 'deflate': {
      // RFC 9110 means zlib's wrapping; some servers send the bare stream.
      const isWrapped = (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | (bytes[1] ?? 0)) % 31 === 0;
      return decompress(isWrapped ? inflateAsync : inflateRawAsync, bytes, maxBytes, constants.Z_SYNC_FLUSH);
    }
    case 'br':
      return decompress(brotliAsync, bytes, maxBytes, constants.BROTLI_OPERATION_FLUSH);
    default:
      throw new Failure(
        'malformed',
        `The body is in the content coding "${layer.slice(0, 40)}", which cannot be undone.`,
        { fault: 'decode' },
      );
  }
}

const gunzipAsync = promisify<Uint8Array, object, Buffer>(gunzip);
const inflateAsync = promisify<Uint8Array, object, Buffer>(inflate);
const inflateRawAsync = promisify<Uint8Array, object, Buffer>(inflateRaw);
const brotliAsync = promisify<Uint8Array, object, Buffer>(brotliDecompress);

/** Tries the whole stream; when its end is missing, a second try keeps what inflates. */
async function decompress(
  run: (bytes: Uint8Array, options: object) => Promise<Buffer>,
  bytes: Uint8Array,
  maxBytes: number,
  lenientFlush: number,
): Promise<Inflated> {
  try {
    return { body: await run(bytes, { maxOutputLength: maxBytes }), truncated: false };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    if (code !== 'Z_BUF_ERROR') throw undecodable(error);
  }
  try {
    return { body: await run(bytes, { maxOutputLength: maxBytes, finishFlush: lenientFlush }), truncated: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw undecodable(error);
  }
}

function undecodable(cause: unknown): Failure {
  return new Failure('malformed', 'The compressed body is damaged and could not be decompressed.', {
    fault: 'decode',
    cause,
  });
}
