/** What people are told when an action is refused, for tests. */
import { errorText } from '../i18n/said';
import { message, MessageError, type Message } from '../numerics/message';

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

/** The same of a promise. */
export async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof MessageError) return errorText(error);
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Something that a stand-in says. */
export const words = (text: string): Message => message('words', { text });
