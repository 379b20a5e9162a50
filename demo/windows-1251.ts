const BYTES = new Map<string, number>();
const decoder = new TextDecoder('windows-1251');
for (let byte = 0; byte < 256; byte++) BYTES.set(decoder.decode(Uint8Array.of(byte)), byte);

/** XML text in windows-1251; what that charset lacks becomes a character reference, as old Russian sites do it. */
export function encodeWindows1251(xml: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of xml) {
    const byte = BYTES.get(character);
    if (byte !== undefined) bytes.push(byte);
    else for (const ascii of `&#${character.codePointAt(0)};`) bytes.push(ascii.charCodeAt(0));
  }
  return Uint8Array.from(bytes);
}
