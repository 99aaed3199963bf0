/** Words: what the page itself says; what belongs to an order comes from the API in both languages. */

export const STATES = {
  new: ['待派单', 'New'],
  dispatched: ['已派单', 'Dispatched'],
  accepted: ['已接单', 'Accepted'],
  on_site: ['已到场', 'On site'],
  resolved: ['已处置', 'Resolved'],
  verified: ['已核验', 'Verified'],
  closed: ['已关闭', 'Closed'],
  reopened: ['二次处置', 'Reopened'],
  cancelled: ['已取消', 'Cancelled'],
};

export const LEVELS = {
  I: ['Ⅰ级 紧急', 'I emergency'],
  II: ['Ⅱ级 一般', 'II general'],
  III: ['Ⅲ级 建议', 'III suggestion'],
};

export const OUTCOMES = {
  confirmed: ['属实', 'Confirmed'],
  false_alarm: ['误报', 'False alarm'],
  other_fault: ['其他故障', 'Other fault'],
  sensor_fault: ['传感器故障', 'Sensor fault'],
  nothing_found: ['未发现异常', 'Nothing found'],
};

/** What the button that leads to a state says. */
export const MOVES = {
  dispatched: ['派单', 'Dispatch'],
  accepted: ['接单', 'Accept'],
  on_site: ['到场', 'I am on site'],
  resolved: ['完成处置', 'Mark resolved'],
  verified: ['核验', 'Verify'],
  closed: ['关闭工单', 'Close work order'],
  reopened: ['二次处置', 'Reopen'],
  cancelled: ['取消工单', 'Cancel work order'],
};

export const PHOTO_KINDS = {
  before: ['处置前', 'Before'],
  after: ['处置后', 'After'],
  other: ['其他', 'Other'],
};

export const TEXTS = {
  product: ['预投诉工单', 'Work orders'],
  orders: ['工单', 'Work orders'],
  open: ['未关闭', 'Open'],
  closed: ['已关闭', 'Closed'],
  skip: ['跳到内容', 'Skip to content'],
  other_language: ['EN', '中'],
  switch_language: ['Switch to English', '切换到中文'],
  loading_list: ['正在取工单……', 'Fetching work orders…'],
  loading_order: ['正在取工单 {id}……', 'Fetching work order {id}…'],
  none_open: ['没有未关闭的工单。有新工单会自动出现在这里。', 'No open work orders. New ones appear here by themselves.'],
  none_closed: ['还没有已关闭的工单。', 'No closed work orders yet.'],
  choose: ['从左边选一个工单。', 'Choose a work order on the left.'],
  summary: ['{open} 条未关闭', '{open} open'],
  summary_overdue: ['{overdue} 条已超时', '{overdue} overdue'],
  new_orders: ['{n} 条新工单', '{n} new work orders'],
  new_order: ['1 条新工单', '1 new work order'],
  order_changed: ['紧急顺序有变化，点按重新排列', 'Urgency has changed, tap to sort again'],
  blind: ['{n} 处设施此刻无人看守', 'Not being watched now: {n}'],
  blind_more: ['还有 {n} 条', 'and {n} more'],
  covered: ['全部设施都在看守中。', 'Everything is being watched.'],
  covered_learning: ['全部设施都在看守中，{n} 项仍在学习。', 'Everything is being watched; {n} still learning.'],
  comma: ['、', ', '],
  show_more: ['显示更多', 'Show more'],
  back: ['返回工单列表', 'Back to the list'],
  more: ['更多', 'More'],
  print: ['打印', 'Print'],
  cancel: ['返回', 'Go back'],
  dismiss: ['知道了', 'OK'],
  try_again: ['重试', 'Try again'],
  raised: ['发出', 'Raised'],
  category: ['类别', 'Category'],
  number: ['编号', 'Number'],
  ended: ['监测到的情况已结束', 'What was seen has ended'],
  overdue_by: ['已超时 {length}', 'Overdue {length}'],
  what_overdue: ['{what} 已超时 {length}', '{what}: overdue {length}'],
  left: ['{what} 剩 {length}', '{what} in {length}'],
  due: ['{at} 前', 'by {at}'],
  met: ['{at} 完成', 'met {at}'],
  just_now: ['刚刚', 'just now'],
  minutes_ago: ['{n} 分钟前', '{n} min ago'],
  hours_ago: ['{n} 小时前', '{n} h ago'],
  days_ago: ['{n} 天前', '{n} d ago'],
  hours_minutes: ['{h} 小时 {m} 分', '{h} h {m} min'],
  hours: ['{h} 小时', '{h} h'],
  days_hours: ['{d} 天 {h} 小时', '{d} d {h} h'],
  q_sure: ['有多确定、还有多久', 'How sure and how soon'],
  q_why: ['为什么', 'Why'],
  q_do: ['怎么做', 'What to do'],
  q_found: ['您发现了什么', 'What you found'],
  q_history: ['经过', 'History'],
  now: ['现在', 'Now'],
  earliest: ['最早', 'Earliest'],
  any_time: ['随时', 'Any time'],
  most_likely: ['最可能', 'Most likely'],
  latest: ['最晚', 'Latest'],
  picture: ['依据图', 'Picture of the evidence'],
  picture_failed: ['依据图没有载入。信号恢复后会再取一次。', 'The picture did not load. It is fetched again once there is signal.'],
  still: ['抓拍 {at}', 'Still {at}'],
  still_deleted: ['图片已按期限删除', 'Picture deleted after its time'],
  evidence_file: ['依据文件', 'Evidence file'],
  safety_first: ['安全第一', 'Safety first'],
  bring: ['带上', 'Bring'],
  steps: ['步骤', 'Steps'],
  step_done: ['第 {n} 步已做', 'Step {n} done'],
  outcome: ['结果', 'Outcome'],
  outcome_hint: ['点一下就记录，可以再改。', 'One tap records it; you can change it.'],
  photos: ['照片', 'Photos'],
  take_photo: ['拍照', 'Take a photo'],
  photo_of: ['{kind}照片，{who} 拍', '{kind} photo by {who}'],
  note: ['备注', 'Note'],
  note_hint: ['写下看到的、换了什么、还要做什么', 'What you saw, what you replaced, what is still to do'],
  add_note: ['保存备注', 'Save note'],
  say_found: ['先说您发现了什么', 'Say first what you found'],
  all_done: ['工单已结束。', 'This work order is finished.'],
  who_title: ['您是谁？', 'Who are you?'],
  who_text: ['姓名会写进工单的经过。只问这一次。', 'Your name goes into the history of the work order. Asked only once.'],
  who_label: ['姓名', 'Name'],
  who_save: ['就用这个名字', 'Use this name'],
  who_you: ['您：{who}', 'You: {who}'],
  who_none: ['未填姓名', 'No name'],
  move_title: ['更多操作', 'More actions'],
  note_for: ['{move}的备注', 'Note: {move}'],
  note_needed: ['请写明原因', 'Please say why'],
  note_optional: ['备注（可不填）', 'Note (optional)'],
  pending: ['待发送', 'waiting to be sent'],
  waiting_one: ['信号弱：1 项操作已存在手机里，有信号就自动发送。', 'Weak signal: 1 action is kept on this phone and sent by itself.'],
  waiting: ['信号弱：{n} 项操作已存在手机里，有信号就自动发送。', 'Weak signal: {n} actions are kept on this phone and sent by themselves.'],
  stale: ['信号弱：显示的是 {ago}的内容，正在重试。', 'Weak signal: this is from {ago}; trying again.'],
  not_sent: ['“{what}”没有发出：{why}', '“{what}” was not sent: {why}'],
  somebody_faster: ['别人先操作了，现在是“{state}”。请看一眼再决定。', 'Somebody was faster: it is now “{state}”. Have a look, then decide.'],
  not_found: ['没有这个工单。它可能不在这个小区。返回列表再选一个。', 'There is no such work order. Go back to the list and choose another.'],
  no_signal_order: ['没有信号，也没有存过这个工单。到有信号的地方再打开，会自动重试。', 'No signal, and this work order was never opened here. Go where there is signal; it is fetched by itself.'],
  no_signal_list: ['没有信号，也没有存过工单列表。到有信号的地方，会自动重试。', 'No signal and no list kept yet. Go where there is signal; it is fetched by itself.'],
  photo_failed: ['这张照片打不开。请重拍，或换一张 JPEG、PNG 照片。', 'This photo cannot be read. Take it again, or choose a JPEG or PNG.'],
  server_trouble: ['服务暂时出错（代码 {status}），正在重试。', 'The service has a problem (code {status}); trying again.'],
  does_raised: ['发出工单', 'Raised'],
  does_moved: ['{from} → {to}', '{from} → {to}'],
  does_noted: ['备注', 'Note'],
  does_photo: ['添加照片', 'Photo added'],
  does_outcome: ['结果：{to}', 'Outcome: {to}'],
  does_level_raised: ['升级为 {to}', 'Raised to {to}'],
  does_event_ended: ['监测到的情况已结束', 'What was seen has ended'],
  does_evidence_added: ['新增依据', 'Evidence added'],
  sign: ['签字', 'Signature'],
  sign_date: ['日期', 'Date'],
};

let chosen = localStorage.getItem('language') === 'en' ? 'en' : 'zh';

/** The language in force: `zh` or `en`. */
export function language() {
  return chosen;
}

/** Changes the language for good. */
export function setLanguage(to) {
  chosen = to;
  localStorage.setItem('language', to);
  document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en';
}

function pick(pair) {
  return pair[chosen === 'zh' ? 0 : 1];
}

/** A text of the page, its `{places}` filled in. */
export function t(key, values = {}) {
  return pick(TEXTS[key]).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A name from one of the tables above; a name the page has not heard of is shown as it is. */
export function name(table, key) {
  return key in table ? pick(table[key]) : key;
}

/** A probability as people read it, never rounded to impossible or certain; as the API's sentences have it. */
export function percent(probability) {
  if (probability < 0.01) {
    return '<1%';
  }
  return probability > 0.99 ? '>99%' : `${Math.round(100 * probability)}%`;
}

/** A text of the API in the language in force; neither "5–12" nor "12 层" is ever broken over two lines. */
export function said(text) {
  return text[chosen].replaceAll('–', '\u2060–\u2060').replace(/(\d) (?=[\u4e00-\u9fff])/g, '$1\u00a0');
}
