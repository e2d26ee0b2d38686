import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useCallback, useMemo } from 'react';
import { Link, useParams } from 'react-router';
import { adjustGuide } from '../../../../src/guide/adjust-guide.ts';
import { useApi } from '../../api/api-context.tsx';
import { type FullGuideView, guideOptions } from '../../api/catalogue.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import classes from './guide.module.css';
import { GuideArticle } from './guide-article.tsx';
import { GuidePanel } from './guide-panel.tsx';
import { InlineMarkdown } from './markdown.tsx';
import { readSelection, selectionQuery } from './selection.ts';
import { useSelectionText } from './use-selection-text.ts';

interface GuideContentProps {
  /** Where the guide of a method is: in the console, or for everybody. */
  pathOf: (connector: string, authentication: string) => string;
  parent?: { label: string; to: string };
  /** Beside the title. Given the query of the selection. */
  actions?: (guide: FullGuideView, query: string) => ReactNode;
}

/** A guide, adjusted to the selection in its address without asking the server again. */
export function GuideContent({ pathOf, parent, actions }: GuideContentProps) {
  const api = useApi();
  const { connector = '', authentication = '' } = useParams();
  const query = useQuery({ ...guideOptions(api, connector, authentication), staleTime: Number.POSITIVE_INFINITY });
  const full = query.data;
  const [given, change] = useSelectionText();
  const selection = useMemo(() => full && readSelection(full, given), [full, given]);
  return (
    <>
      <PageHeader
        title={full?.title ?? 'Set-up guide'}
        {...(parent && { parent })}
        {...(full && { description: <InlineMarkdown text={full.summary} /> })}
        {...(full && selection && actions && { actions: actions(full, selectionQuery(full, selection.ids)) })}
      />
      <QueryView query={query}>
        {(guide) => <AdjustedGuide full={guide} given={given} onChange={change} pathOf={pathOf} />}
      </QueryView>
    </>
  );
}

interface AdjustedGuideProps extends Pick<GuideContentProps, 'pathOf'> {
  full: FullGuideView;
  given: string | null;
  onChange: (query: string) => void;
}

function AdjustedGuide({ full, given, onChange, pathOf }: AdjustedGuideProps) {
  const selection = useMemo(() => readSelection(full, given), [full, given]);
  const view = useMemo(() => adjustGuide(full, selection.ids), [full, selection]);
  const select = useCallback((ids: readonly string[]) => onChange(selectionQuery(full, ids)), [full, onChange]);
  const query = selectionQuery(full, selection.ids);
  return (
    <>
      {full.guides.length > 1 && (
        <nav aria-label="Types" className={classes.types}>
          {full.guides.map(({ authentication, label }) => (
            <Link
              key={authentication}
              to={`${pathOf(full.connector, authentication)}${query}`}
              aria-current={authentication === full.authentication ? 'page' : undefined}
            >
              {label}
            </Link>
          ))}
        </nav>
      )}
      <div className={classes.columns}>
        <GuidePanel full={full} view={view} selection={selection} onSelect={select} />
        <GuideArticle view={view} scopes={full.scopes} />
      </div>
    </>
  );
}
