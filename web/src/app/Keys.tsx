import { Kbd, Modal, Table } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useWords } from '@/words/words';

const Palette = lazy(() => import('./Palette').then((m) => ({ default: m.Palette })));

const wanted = new EventTarget();

/** Opens the palette by a press. */
export const openPalette = () => wanted.dispatchEvent(new Event('open'));

/** The keys that hold everywhere: to go anywhere (⌘K, Ctrl K or /), and to see the keys (?). */
export function Keys() {
  const words = useWords();
  const [help, setHelp] = useState(false);
  const [calls, setCalls] = useState(0);
  const go = () => setCalls((n) => n + 1);
  useEffect(() => {
    wanted.addEventListener('open', go);
    return () => wanted.removeEventListener('open', go);
  }, []);
  useHotkeys([['?', () => setHelp(true)], ['shift+?', () => setHelp(true)], ['mod+K', go], ['/', go]]);
  return (
    <>
      {calls > 0 && (
        <Suspense>
          <Palette calls={calls} />
        </Suspense>
      )}
      <Modal opened={help} onClose={() => setHelp(false)} title={words.nav.keys} closeButtonProps={{ 'aria-label': words.common.close }}>
        <Table>
          <Table.Tbody>
            {[['Ctrl K', words.nav.keysPalette], ['?', words.nav.keysHelp], ['Esc', words.nav.keysClose]].map(([key, what]) => (
              <Table.Tr key={key}>
                <Table.Td>
                  <Kbd>{key}</Kbd>
                </Table.Td>
                <Table.Td>{what}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </>
  );
}
