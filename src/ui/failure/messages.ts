import { errorText } from '../../i18n/said';

/** What was thrown, in words. */
export const messageOf = errorText;

/** The same for a report, with the place. */
export const stackOf = (error: unknown): string =>
  (error instanceof Error ? error.stack : undefined) ?? messageOf(error);
