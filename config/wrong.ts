/** A value that cannot be used; its message completes the sentence "NAME ...". */
export class Wrong {
  constructor(
    readonly message: string,
    readonly nearest: string | null = null,
  ) {}
}
