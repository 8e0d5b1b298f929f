import type { Problem } from '../../data/problems.js';
import { Card } from '../../ui/card.js';
import { Icon } from '../../ui/icon.js';

/** What needs a person, the worst first; nothing when nothing does. */
export function ProblemList({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <Card title="Needs a person" class="problems">
      <ul>
        {problems.map(({ id, severity, title, detail, link }) => (
          <li key={id} class={severity}>
            <Icon name={severity === 'error' ? 'error' : 'warning'} size={20} />
            <div>
              <p class="problem-title">
                <span class="hidden">{severity === 'error' ? 'Error: ' : 'Warning: '}</span>
                {title}
              </p>
              <p class="problem-detail">{detail}</p>
            </div>
            {link !== undefined && (
              <a class="button small" href={link.to} aria-label={`${link.text}: ${title}`}>
                {link.text}
              </a>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
