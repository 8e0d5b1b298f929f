import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Failure } from './card.js';
import { Icon } from './icon.js';

interface Properties {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

const FIRST = 'textarea, input:not([type="checkbox"]), select, .dialog-foot button';

/** A modal dialog of the browser itself: it holds the focus, ends with Escape and gives the focus back. */
export function Dialog({ title, onClose, children }: Properties) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    // Where a person begins: at the first field, else at the button that changes nothing.
    dialog.current?.querySelector<HTMLElement>(FIRST)?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="plain square" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

interface FormDialogProperties {
  title: string;
  /** The words of the button that does it. */
  action: string;
  tone?: 'primary' | 'danger';
  busy: boolean;
  /** Why it could not be done, in words. */
  problem?: string | undefined;
  onSubmit: (form: HTMLFormElement) => void;
  onClose: () => void;
  children: ComponentChildren;
}

/** A dialog with something to fill in or to agree to: what went wrong stands above the buttons. */
export function FormDialog(properties: FormDialogProperties) {
  const { title, action, tone = 'primary', busy, problem, onSubmit, onClose, children } = properties;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(event.currentTarget);
        }}
      >
        {children}
        <Failure problem={problem} />
        <div class="dialog-foot">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={tone} disabled={busy}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

type ConfirmProperties = Omit<FormDialogProperties, 'tone' | 'onSubmit'> & { onConfirm: () => void };

/** Asks before something that cannot be taken back. */
export function Confirm({ onConfirm, ...properties }: ConfirmProperties) {
  return <FormDialog {...properties} tone="danger" onSubmit={onConfirm} />;
}
