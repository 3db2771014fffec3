/** What the pages show below their headings: chunks of their own, loaded when a page is opened. */
import type { ComponentType } from 'react';
import { lazyPart } from '../failure/lazy-part';
import { PageLoading } from './PageLoading';
import type { SidePage } from './route';

export const CONTENTS: Readonly<Record<SidePage, ComponentType>> = {
  lab: lazyPart(() => import('../lab/LabPage'), PageLoading).Part,
  race: lazyPart(() => import('../race/RacePage'), PageLoading).Part,
  trust: lazyPart(() => import('../trust/TrustPage'), PageLoading).Part,
};
