/** Smallest number of single-character edits (with swaps of neighbours) that turn one word into the other. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/**
 * The allowed value that a wrong one was probably meant to be, or null when none is close. Close is a third of the word in
 * edits (at least two), or a value that holds the word: `arms-transfer` was meant to be `mil.arms-transfer`. Case is ignored.
 */
export function nearestValue(word: string, allowed: readonly string[]): string | null {
  const wanted = word.trim().toLowerCase();
  // Beyond this length nobody misspells, and the distance costs length squared.
  if (wanted === '' || wanted.length > 64) return null;
  const scored = allowed
    .map((value) => ({ value, distance: editDistance(wanted, value.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  if (!best) return null;
  if (best.distance <= Math.max(2, Math.floor(wanted.length / 3)) && best.distance < wanted.length) return best.value;
  return wanted.length >= 3 ? (allowed.find((value) => value.toLowerCase().includes(wanted)) ?? null) : null;
}
