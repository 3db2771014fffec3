const SHOWN_CHARACTERS = 40;

/** Line breaks, escape sequences and what turns the direction of writing would spoil the message around them. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The beginning of a text from outside, for a message; nobody reads, or wants to scroll past, 100,000 characters. */
export function shortened(text: string): string {
  const start = text.slice(0, SHOWN_CHARACTERS).replace(UNPRINTABLE, '\ufffd');
  return text.length > SHOWN_CHARACTERS ? `${start}…` : start;
}

/** A text from outside as it stands in a message: short, and in quotes. */
export const shown = (text: string): string => `"${shortened(text)}"`;
