import { describe, expect, it } from 'vitest';
import { charsetOf, decodeBytes } from '../../feeds/decode.js';

const RUSSIAN = 'Россия и КНДР';
const xml = (title: string, encoding?: string) =>
  `<?xml version="1.0"${encoding ? ` encoding="${encoding}"` : ''}?><rss><channel><title>${title}</title></channel></rss>`;

/** Bytes of a text in a single-byte encoding, made by asking the decoder for each byte. */
function encode(text: string, label: string): Uint8Array {
  const table = new Map(
    Array.from({ length: 256 }, (_, byte) => [new TextDecoder(label).decode(Uint8Array.of(byte)), byte]),
  );
  return Uint8Array.from([...text], (character) => table.get(character) ?? 0x3f);
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, bigEndian: boolean) => {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};
const utf32 = (text: string, littleEndian: boolean) => {
  const view = new DataView(new ArrayBuffer([...text].length * 4));
  [...text].forEach((character, i) => {
    view.setUint32(i * 4, character.codePointAt(0)!, littleEndian);
  });
  return new Uint8Array(view.buffer);
};
const join = (...parts: Uint8Array[]) => Buffer.concat(parts);

describe('row 26: which encoding wins', () => {
  const document = xml(RUSSIAN, 'windows-1251');
  it.each<[string, Uint8Array, string | null, string]>([
    [
      'a UTF-8 mark over any label',
      join(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(document)),
      'text/xml; charset=koi8-r',
      'utf-8',
    ],
    [
      'a UTF-16 LE mark',
      join(Uint8Array.of(0xff, 0xfe), utf16(document, false)),
      'text/xml; charset=utf-8',
      'utf-16le',
    ],
    ['a UTF-16 BE mark', join(Uint8Array.of(0xfe, 0xff), utf16(document, true)), null, 'utf-16be'],
    ['a UTF-32 LE mark', join(Uint8Array.of(0xff, 0xfe, 0, 0), utf32(document, true)), null, 'utf-32le'],
    ['a UTF-32 BE mark', join(Uint8Array.of(0, 0, 0xfe, 0xff), utf32(document, false)), null, 'utf-32be'],
    ['the zeroes of UTF-16 LE', utf16(document, false), 'text/xml; charset=utf-8', 'utf-16le'],
    ['the zeroes of UTF-16 BE', utf16(document, true), null, 'utf-16be'],
    ['the zeroes of UTF-32', utf32(document, true), null, 'utf-32le'],
    ['valid UTF-8 over the HTTP charset and the declaration', utf8(document), 'text/xml; charset=iso-8859-1', 'utf-8'],
    [
      'the HTTP charset over the declaration',
      encode(xml(RUSSIAN, 'iso-8859-5'), 'windows-1251'),
      'text/xml; charset=windows-1251',
      'windows-1251',
    ],
    ['the declaration when HTTP says nothing', encode(document, 'windows-1251'), 'text/xml', 'windows-1251'],
    [
      'the declaration when HTTP wrongly says UTF-8',
      encode(document, 'windows-1251'),
      'text/xml; charset=utf-8',
      'windows-1251',
    ],
  ])('%s', (_, bytes, contentType, encoding) => {
    const decoded = decodeBytes(bytes, contentType);
    expect(decoded).toMatchObject({ encoding, invalidBytes: false });
    expect(decoded.text).toContain(RUSSIAN);
  });

  it('windows-1252 when nothing tells', () => {
    const decoded = decodeBytes(
      join(utf8('<rss>Pr'), Uint8Array.of(0xe9), utf8('vert '), Uint8Array.of(0x93), utf8('x'), Uint8Array.of(0x94)),
      null,
    );
    expect(decoded).toEqual({ text: '<rss>Prévert “x”', encoding: 'windows-1252', invalidBytes: false });
  });

  it('a character cut off at the end does not make UTF-8 something else', () => {
    expect(decodeBytes(utf8(`<rss>${RUSSIAN}`).subarray(0, -1), null)).toMatchObject({
      encoding: 'utf-8',
      invalidBytes: false,
    });
  });

  it('a few foreign bytes in UTF-8 are read as windows-1252 and flagged', () => {
    const decoded = decodeBytes(join(utf8(`<rss>${RUSSIAN} caf`), Uint8Array.of(0xe9), utf8('</rss>')), null);
    expect(decoded).toEqual({ text: `<rss>${RUSSIAN} café</rss>`, encoding: 'utf-8', invalidBytes: true });
  });
});

describe('row 27: encodings of the corpus countries', () => {
  it.each(['windows-1251', 'koi8-r', 'iso-8859-5', 'ibm866', 'x-mac-cyrillic'])(
    '%s, declared or in HTTP only',
    (label) => {
      const text = xml(RUSSIAN, label);
      expect(decodeBytes(encode(text, label), null).text).toBe(text);
      expect(decodeBytes(encode(xml(RUSSIAN), label), `text/xml; charset=${label}`).text).toBe(xml(RUSSIAN));
    },
  );

  it.each<[string, string, number[]]>([
    ['gb2312', '中国', [0xd6, 0xd0, 0xb9, 0xfa]],
    ['gbk', '中国', [0xd6, 0xd0, 0xb9, 0xfa]],
    ['gb18030', '中国', [0xd6, 0xd0, 0xb9, 0xfa]],
    ['big5', '中國', [0xa4, 0xa4, 0xb0, 0xea]],
    ['euc-kr', '조선', [0xc1, 0xb6, 0xbc, 0xb1]],
    ['euc-jp', '日本', [0xc6, 0xfc, 0xcb, 0xdc]],
    ['shift_jis', '日本', [0x93, 0xfa, 0x96, 0x7b]],
    ['iso-2022-jp', '日本', [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x4b, 0x5c, 0x1b, 0x28, 0x42]],
    ['windows-1256', 'ايران', [0xc7, 0xed, 0xd1, 0xc7, 0xe4]],
  ])('%s', (label, text, bytes) => {
    const [head = '', tail = ''] = xml('|', label).split('|');
    expect(decodeBytes(join(utf8(head), Uint8Array.from(bytes), utf8(tail)), null)).toMatchObject({
      text: head + text + tail,
      invalidBytes: false,
    });
  });

  it.each([
    ['text/xml; charset=windows-1251', 'windows-1251'],
    ['text/xml; charset="iso-8859-1"', 'windows-1252'],
    ["text/xml;charset='KOI8-R'; x=y", 'koi8-r'],
    ['application/xml; Charset = UTF8', 'utf-8'],
    ['text/xml; charset=nonsense', null],
    ['text/xml', null],
    [null, null],
  ])('charset of %s', (contentType, expected) => {
    expect(charsetOf(contentType)).toBe(expected);
  });
});
