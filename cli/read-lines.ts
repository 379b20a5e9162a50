/** A line of a text, counted from 1; `text` is null when it was longer than allowed and was thrown away. */
export interface Line {
  number: number;
  text: string | null;
}

/**
 * Lines of a stream of text, ended by LF or CRLF, without a byte order mark. A line beyond `maxLength` UTF-16 units is never held in
 * memory as a whole.
 */
export async function* readLines(stream: AsyncIterable<string>, maxLength: number): AsyncGenerator<Line> {
  let number = 1;
  let held = '';
  let isTooLong = false;
  const take = (part: string) => {
    if (held.length + part.length > maxLength) isTooLong = true;
    held = isTooLong ? '' : held + part;
  };
  const finish = (): Line => {
    const text = isTooLong ? null : held.replace(/\r$/, '').replace(number === 1 ? /^\uFEFF/ : /^(?!)/, '');
    held = '';
    isTooLong = false;
    return { number: number++, text };
  };
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      take(chunk.slice(from, end));
      from = end + 1;
      yield finish();
    }
    take(chunk.slice(from));
  }
  if (held !== '' || isTooLong) yield finish();
}
