import { decodeWindows1252 } from './windows-1252.js';

/** Text of a body, the encoding it turned out to be in, and whether bytes had to be guessed. */
export interface Decoded {
  text: string;
  /** WHATWG name, lower case. */
  encoding: string;
  /** Bytes that belong to no character of the encoding were there. */
  invalidBytes: boolean;
}

/**
 * Bytes to text, in the order that the readers people trust have settled on: byte order mark, the zero-byte pattern of
 * UTF-16/32, valid UTF-8 whatever a label says, the HTTP charset, the XML declaration, windows-1252.
 *
 * A label never beats bytes that are valid UTF-8: servers add `iso-8859-1` by default far more often than anything but UTF-8
 * happens to be valid UTF-8. The exception is ISO-2022-JP, which is made of ASCII bytes.
 */
export function decodeBytes(body: Uint8Array, contentType: string | null): Decoded {
  const marked = byMark(body) ?? byZeroPattern(body);
  if (marked) return marked;
  const labels = [charsetOf(contentType), declaredEncoding(body)].filter((label) => label !== null);
  const escaped = labels.find((label) => label === 'iso-2022-jp');
  if (escaped && body.includes(0x1b)) return decodeAs(escaped, body);
  const strict = strictUtf8(body);
  if (strict !== null) return { text: strict, encoding: 'utf-8', invalidBytes: false };
  const mended = mostlyUtf8(body);
  if (mended !== null) return { text: mended, encoding: 'utf-8', invalidBytes: true };
  const candidates = labels
    .filter((label) => label !== 'utf-8' && !label.startsWith('utf-16'))
    .map((label) => decodeAs(label, body));
  return candidates.find((candidate) => !candidate.invalidBytes) ?? candidates[0] ?? decodeAs('windows-1252', body);
}

/** `charset` parameter of a media type, quoted or not, as a WHATWG name; null when there is none we know. */
export function charsetOf(contentType: string | null): string | null {
  const match = /charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;,]+))/i.exec(contentType ?? '');
  return knownEncoding(match?.[1] ?? match?.[2] ?? match?.[3]);
}

function knownEncoding(label: string | undefined): string | null {
  if (!label) return null;
  try {
    return new TextDecoder(label.trim()).encoding;
  } catch (error) {
    // RangeError: a label nobody knows is as good as none.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Encoding named in `<?xml ... encoding="..."?>` or a page's `<meta charset>`, looked for in the first kilobyte (HTML 4.2.5.4). */
function declaredEncoding(body: Uint8Array): string | null {
  const head = Buffer.from(body.subarray(0, 1024)).toString('latin1');
  const match =
    /<\?xml[^>]*?\sencoding\s*=\s*["']\s*([\w.:-]+)\s*["']/i.exec(head) ??
    /<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(head);
  return knownEncoding(match?.[1]);
}

function decodeAs(label: string, body: Uint8Array): Decoded {
  const decoder = new TextDecoder(label);
  const text = decoder.encoding === 'windows-1252' ? decodeWindows1252(body) : decoder.decode(body);
  return { text, encoding: decoder.encoding, invalidBytes: text.includes('\ufffd') };
}

function byMark(body: Uint8Array): Decoded | null {
  const [a, b, c, d] = body;
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return decodeUtf32(body.subarray(4), true);
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return decodeUtf32(body.subarray(4), false);
  if (a === 0xff && b === 0xfe) return decodeAs('utf-16le', body);
  if (a === 0xfe && b === 0xff) return decodeAs('utf-16be', body);
  if (a === 0xef && b === 0xbb && c === 0xbf) {
    const strict = strictUtf8(body);
    return strict === null
      ? { text: mostlyUtf8(body, true) ?? '', encoding: 'utf-8', invalidBytes: true }
      : { text: strict, encoding: 'utf-8', invalidBytes: false };
  }
  return null;
}

/** A document starts with `<` or white space, so zero bytes beside it give the width and order away. */
function byZeroPattern(body: Uint8Array): Decoded | null {
  const [a, b, c, d] = body;
  const isStart = (byte: number | undefined) =>
    byte === 0x3c || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x7b;
  if (isStart(a) && b === 0 && c === 0 && d === 0) return decodeUtf32(body, true);
  if (a === 0 && b === 0 && c === 0 && isStart(d)) return decodeUtf32(body, false);
  if (isStart(a) && b === 0 && c !== 0 && d === 0) return decodeAs('utf-16le', body);
  if (a === 0 && isStart(b) && c === 0 && d !== 0) return decodeAs('utf-16be', body);
  return null;
}

/** TextDecoder does not know UTF-32. */
function decodeUtf32(body: Uint8Array, littleEndian: boolean): Decoded {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const parts: string[] = [];
  let invalidBytes = body.byteLength % 4 !== 0;
  for (let at = 0; at + 4 <= body.byteLength; at += 4) {
    const code = view.getUint32(at, littleEndian);
    const isCharacter = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    if (!isCharacter) invalidBytes = true;
    parts.push(isCharacter ? String.fromCodePoint(code) : '\ufffd');
  }
  return { text: parts.join(''), encoding: littleEndian ? 'utf-32le' : 'utf-32be', invalidBytes };
}

/** Text when every byte is valid UTF-8 (a character cut off at the very end is forgiven), else null. */
function strictUtf8(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body, { stream: true });
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * A UTF-8 body into which something pasted single bytes of another encoding: accepted when valid multi-byte characters
 * outnumber the wrong bytes; the wrong bytes are read as windows-1252.
 */
function mostlyUtf8(body: Uint8Array, always = false): string | null {
  const parts: string[] = [];
  let wrong = 0;
  let wide = 0;
  let from = 0;
  let at = 0;
  while (at < body.length) {
    const length = sequenceLength(body, at);
    if (length > 1) wide++;
    if (length > 0) {
      at += length;
      continue;
    }
    wrong++;
    parts.push(utf8.decode(body.subarray(from, at)), decodeWindows1252(body.subarray(at, at + 1)));
    at++;
    from = at;
  }
  if (!always && wide <= wrong * 2) return null;
  parts.push(utf8.decode(body.subarray(from)));
  return parts.join('');
}

const utf8 = new TextDecoder('utf-8');

/** Length of the valid UTF-8 character at `at`, 0 when there is none (RFC 3629 table 3-7). */
function sequenceLength(body: Uint8Array, at: number): number {
  const first = body[at]!;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > body.length) return 0;
  for (let i = 1; i < length; i++) if ((body[at + i]! & 0xc0) !== 0x80) return 0;
  const second = body[at + 1]!;
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  return length;
}
