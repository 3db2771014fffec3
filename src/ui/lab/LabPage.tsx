import type { ReactNode } from 'react';
import { ComparePanel } from './compare/ComparePanel';
import './lab.css';

/** The page on which one sees a number format. */
export default function LabPage(): ReactNode {
  return <ComparePanel />;
}
