/** What people are told when an action is refused, for tests. */
import { errorText } from '../i18n/said';
import { MessageError } from '../numerics/message';

/** In English, which tests speak. Fails where nothing, or something that is not for people, is thrown. */
export function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof MessageError) return errorText(error);
    throw error;
  }
  throw new Error('nothing was refused');
}
