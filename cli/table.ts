export interface Column {
  title: string;
  right?: boolean;
}

/** Escape sequences of colours take no room. */
const COLOURS = /\u001b\[[0-9;]*m/g;
/** Characters that take two cells of a terminal: CJK, Hangul, full-width forms. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

/** Cells that a text takes on a terminal. */
export function widthOf(text: string): number {
  const plain = text.replace(COLOURS, '').normalize('NFC');
  return [...plain].reduce((sum, char) => sum + (/\p{M}|\p{Cf}/u.test(char) ? 0 : WIDE.test(char) ? 2 : 1), 0);
}

/** Rows under titles, two spaces apart; numbers to the right. */
export function renderTable(columns: Column[], rows: string[][]): string {
  const widths = columns.map((column, i) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[i] ?? ''))),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => {
        const space = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell)));
        return columns[i]?.right ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  return `${[columns.map((column) => column.title), ...rows].map(line).join('\n')}\n`;
}

/** Text of a feed for a terminal: control and direction characters could move the cursor or lie about the order. */
export function cleanText(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c\ufeff]/gu, ' ');
}

/** Cut to a width in cells, with an ellipsis. */
export function cutText(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const char of text) {
    const more = widthOf(char);
    if (used + more > width - 1) break;
    cut += char;
    used += more;
  }
  return `${cut}…`;
}
