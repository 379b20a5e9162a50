/**
 * The characters of bytes 0x80 to 0x9f (WHATWG Encoding, index windows-1252). Kept here because `TextDecoder('windows-1252')` of
 * Node 20 and some later versions reads these bytes as the C1 controls of ISO-8859-1 (nodejs/node issue 56542).
 */
const HIGH = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const BYTE_BY_CHARACTER = new Map([...HIGH].map((character, i) => [character.charCodeAt(0), 0x80 + i]));

/** Bytes of windows-1252 (and of ISO-8859-1 and ASCII, which the web reads as it) to text. */
export function decodeWindows1252(bytes: Uint8Array): string {
  return mapC1(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
}

/** C1 controls are never meant: they are windows-1252 characters whose number somebody copied (`&#146;`). HTML reads them so, too. */
export function mapC1(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (character) => HIGH[character.charCodeAt(0) - 0x80]!);
}

/** Byte of a UTF-16 unit in windows-1252; undefined when it has none. */
export function byteOf(code: number): number | undefined {
  return code <= 0xff ? code : BYTE_BY_CHARACTER.get(code);
}
