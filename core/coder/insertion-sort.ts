/**
 * Sorts a few elements in place, equal ones in their order. `Array.sort` does the same but makes lists of its own, which for
 * the handful of names in a text cost more than the sorting.
 */
export function insertionSort<T>(list: T[], compare: (a: T, b: T) => number): T[] {
  for (let i = 1; i < list.length; i++) {
    const element = list[i]!;
    let at = i;
    while (at > 0 && compare(list[at - 1]!, element) > 0) {
      list[at] = list[at - 1]!;
      at--;
    }
    list[at] = element;
  }
  return list;
}
