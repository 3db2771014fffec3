/** A worker that computes some lanes of a program. */
import { expose } from 'comlink';
import { ShareWorker } from './share-worker';

// Only secure contexts have locks.
expose(new ShareWorker((navigator as { locks?: LockManager }).locks));
