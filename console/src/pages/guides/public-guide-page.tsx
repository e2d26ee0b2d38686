import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { paths } from '../../paths.ts';
import { GuideContent } from './guide-content.tsx';

/** The guide for everybody, without a session; those who have one go on in the console. */
export function PublicGuidePage() {
  return (
    <GuideContent
      pathOf={paths.publicGuide}
      actions={({ connector, authentication }, query) => (
        <Button component={Link} variant="default" to={`${paths.guide(connector, authentication)}${query}`}>
          Open in the console
        </Button>
      )}
    />
  );
}
