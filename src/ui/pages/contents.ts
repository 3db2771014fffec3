/** What the pages show below their headings: chunks of their own, loaded when a page is opened. */
import { lazy, type ComponentType } from 'react';
import type { SidePage } from './route';

export const CONTENTS: Readonly<Record<SidePage, ComponentType>> = {
  lab: lazy(() => import('../lab/LabPage')),
  trust: lazy(() => import('../trust/TrustPage')),
};
