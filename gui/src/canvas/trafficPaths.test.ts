import { expect, test } from 'vitest'
import { pointOn, TrafficPaths } from '@/canvas/trafficPaths'
import { regionList } from '@/model/document'
import { largePlan } from '@/model/fixtures/largePlan'

const document = largePlan(1, 0)
const name = regionList(document)[0]?.name ?? ''

test('who has no node is named at the end of one line, whichever way the messages go', () => {
  const paths = new TrafficPaths(null, document)
  const asked = paths.between('user', name)
  const answered = paths.between(name, 'user')
  expect(asked?.outsider).toMatchObject({ name: 'user', side: 'left', at: asked?.points[0] })
  expect(answered?.outsider).toEqual(asked?.outsider)
  expect(answered?.points).toEqual(asked?.points.toReversed())
})

test('of two who have no node, the lines lie apart', () => {
  const paths = new TrafficPaths(null, document)
  const [one, other] = ['user', 'guest'].map((who) => paths.between(who, name))
  if (!one || !other) throw new Error('no path')
  expect(pointOn(one, 0).y).not.toBe(pointOn(other, 0).y)
})

test('between two who have no node there is no line', () => {
  expect(new TrafficPaths(null, document).between('user', 'guest')).toBeNull()
})
