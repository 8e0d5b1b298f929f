import { useState } from 'preact/hooks';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';

interface Properties {
  secret: string;
  title?: string;
  /** What the secret is for. */
  about?: string;
  onClose: () => void;
}

/** Shows a secret this once. */
export function SecretDialog({
  secret,
  title = 'Signing secret',
  about = 'Calls are signed with this secret, so that the receiver knows that they come from here.',
  onClose,
}: Properties) {
  const [copied, setCopied] = useState(false);
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{about} It is shown this once: keep it now.</p>
      <p class="secret">
        <code tabIndex={0}>{secret}</code>
        <button
          type="button"
          class="small"
          onClick={() => {
            // Without permission the text can still be selected by hand.
            navigator.clipboard?.writeText(secret).then(
              () => setCopied(true),
              () => setCopied(false),
            );
          }}
        >
          <Icon name={copied ? 'check' : 'copy'} size={14} /> {copied ? 'Copied' : 'Copy'}
        </button>
      </p>
      <div class="dialog-foot">
        <button type="button" class="primary" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </Dialog>
  );
}
