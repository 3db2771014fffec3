import { useEffect, useState, type ComponentType, type ReactNode } from 'react';
import { LoadFailure } from './LoadFailure';
import { repairStylesheets } from './stylesheets';

interface Module<Props> {
  readonly default: ComponentType<Props>;
}

/**
 * A component with a chunk of its own, and what stands in its place until that is there. Where it cannot be loaded the
 * place says so, and it can be tried again. Not React.lazy: a rejected one stays rejected, and a suspended tree is
 * tried again at a priority that the steady stream of a run's updates can hold off for many seconds.
 */
export function lazyPart<Props extends object>(
  importPart: () => Promise<Module<Props>>,
  Waiting: ComponentType,
): { readonly Part: ComponentType<Props>; readonly preload: () => void } {
  let loaded: ComponentType<Props> | null = null;
  let loading: Promise<ComponentType<Props>> | null = null;
  const load = async (): Promise<ComponentType<Props>> => {
    await repairStylesheets();
    loaded = (await importPart()).default;
    return loaded;
  };
  const shared = (): Promise<ComponentType<Props>> => {
    // Browsers fetch a module again that could not be fetched before.
    loading ??= load().finally(() => (loading = null));
    return loading;
  };

  function Part(props: Props): ReactNode {
    const [content, setContent] = useState<{ readonly Content: ComponentType<Props> | null }>({
      Content: loaded,
    });
    const [failure, setFailure] = useState<{ readonly error: unknown } | null>(null);
    const { Content } = content;
    const isWanted = Content === null && failure === null;
    useEffect(() => {
      if (!isWanted) return undefined;
      let isHere = true;
      shared().then(
        (arrived) => isHere && setContent({ Content: arrived }),
        (error: unknown) => isHere && setFailure({ error }),
      );
      return () => {
        isHere = false;
      };
    }, [isWanted]);
    if (Content) return <Content {...props} />;
    if (failure) return <LoadFailure error={failure.error} onRetry={() => setFailure(null)} />;
    return <Waiting />;
  }
  return { Part, preload: () => void shared().catch(() => undefined) };
}
