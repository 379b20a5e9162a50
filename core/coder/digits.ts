/** Arabic and Persian digits as those of the Latin script. */
export const westernDigits = (text: string) =>
  text.replace(/[٠-٩۰-۹]/g, (c) => String(c.codePointAt(0)! - (c >= '۰' ? 0x6f0 : 0x660)));
