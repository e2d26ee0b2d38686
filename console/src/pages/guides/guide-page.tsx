import { paths } from '../../paths.ts';
import { GuideContent } from './guide-content.tsx';

export function GuidePage() {
  return <GuideContent pathOf={paths.guide} parent={{ label: 'Guides', to: paths.guides }} />;
}
