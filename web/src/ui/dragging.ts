import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { type RefObject, useEffect, useRef, useState } from 'react';

/** On which side of a thing another one is dropped. */
export type Side = 'before' | 'after';

interface Options<P> {
  /** What of the same kind can be dropped here. */
  kind: string;
  place: P;
  /** What is dragged itself; false for what only takes. */
  draggable?: boolean;
  disabled?: boolean;
  onDrop: (from: P, side: Side) => void;
}

/** Lets a thing be dragged onto others of its kind, and take them. Whoever uses it gives another way too: not everybody drags. */
export function useDragging<P, E extends HTMLElement>({ kind, place, draggable: drags = true, disabled = false, onDrop }: Options<P>): { ref: RefObject<E | null>; over: Side | undefined } {
  const ref = useRef<E>(null);
  const [over, setOver] = useState<Side>();
  const now = useRef({ place, onDrop });
  useEffect(() => {
    now.current = { place, onDrop };
  });
  useEffect(() => {
    const element = ref.current;
    if (!element || disabled) return undefined;
    const sideOf = (x: number): Side => {
      const { left, width } = element.getBoundingClientRect();
      return x < left + width / 2 ? 'before' : 'after';
    };
    const target = dropTargetForElements({
      element,
      canDrop: ({ source }) => source.data.kind === kind,
      onDrag: ({ location }) => setOver(sideOf(location.current.input.clientX)),
      onDragLeave: () => setOver(undefined),
      onDrop: ({ source, location }) => {
        setOver(undefined);
        now.current.onDrop(source.data.place as P, sideOf(location.current.input.clientX));
      },
    });
    return drags ? combine(draggable({ element, getInitialData: () => ({ kind, place: now.current.place }) }), target) : target;
  }, [kind, drags, disabled]);
  return { ref, over };
}
