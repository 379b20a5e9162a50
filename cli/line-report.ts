/** Lines with the same trouble that are told one by one; the rest is counted. */
const TOLD_PROBLEMS = 100;
/** Different things to note that are kept apart. */
const MAX_NOTES = 1000;

/** Tells what is wrong with lines as they stream by, without drowning the reader when a whole file has the same trouble. */
export class LineReport {
  /** Lines that were skipped. */
  skipped = 0;
  private readonly notes = new Map<string, { line: number; count: number }>();

  constructor(
    private readonly write: (text: string) => void,
    /** What stands before the number of a line: `line `, or a file and a colon. */
    private readonly place: string,
  ) {}

  /** A line that cannot be read. */
  skip(line: number, problem: string): void {
    this.skipped++;
    if (this.skipped <= TOLD_PROBLEMS) this.write(`${this.place}${line}: ${problem}; skipped\n`);
  }

  /** Something in a line that was understood otherwise; told where it is met first. */
  note(line: number, note: string): void {
    const known = this.notes.get(note);
    if (known) known.count++;
    else if (this.notes.size < MAX_NOTES) {
      this.notes.set(note, { line, count: 1 });
      this.write(`${this.place}${line}: ${note}\n`);
    }
  }

  /** Says how much was not told one by one. */
  finish(): void {
    if (this.skipped > TOLD_PROBLEMS) this.write(`${this.skipped - TOLD_PROBLEMS} more lines skipped\n`);
    for (const [note, { line, count }] of this.notes)
      if (count > 1) this.write(`${this.place}${line} and ${count - 1} more: ${note}\n`);
  }
}
