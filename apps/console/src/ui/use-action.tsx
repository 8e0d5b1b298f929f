import type { ComponentChildren } from 'preact';
import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { wordsOf } from '../api/api-problem.js';

type Say = (words: string, tone?: 'good' | 'bad') => void;
const SayContext = createContext<Say>(() => undefined);
const SHOWN_MS = 6_000;

/** Shows what became of an action for some seconds, at the edge of the page. */
export function Messages({ children }: { children: ComponentChildren }) {
  const [message, setMessage] = useState<{ words: string; tone: string }>();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const say = useCallback<Say>((words, tone = 'good') => {
    clearTimeout(timer.current);
    setMessage({ words, tone });
    timer.current = setTimeout(() => setMessage(undefined), SHOWN_MS);
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <SayContext.Provider value={say}>
      {children}
      <div class="messages" role="status">
        {message !== undefined && <p class={`message ${message.tone}`}>{message.words}</p>}
      </div>
    </SayContext.Provider>
  );
}

export const useSay = (): Say => useContext(SayContext);

export interface Action {
  readonly busy: boolean;
  /** Why the last one failed, in words. */
  readonly problem: string | undefined;
  /** Does it unless one is under way; what it resolves with is shown as a message. */
  run(work: () => Promise<string | void>): Promise<boolean>;
}

/** Something that a person sets off: one at a time, with its outcome in words. */
export function useAction(): Action {
  const say = useSay();
  const [state, setState] = useState<{ busy: boolean; problem?: string }>({ busy: false });
  const busy = useRef(false);
  const run = useCallback(
    async (work: () => Promise<string | void>) => {
      if (busy.current) return false;
      busy.current = true;
      setState({ busy: true });
      try {
        const words = await work();
        setState({ busy: false });
        if (typeof words === 'string') say(words);
        return true;
      } catch (error) {
        setState({ busy: false, problem: wordsOf(error) });
        return false;
      } finally {
        busy.current = false;
      }
    },
    [say],
  );
  return useMemo(() => ({ busy: state.busy, problem: state.problem, run }), [state, run]);
}
