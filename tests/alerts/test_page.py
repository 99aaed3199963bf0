"""The crew's page in a real Chromium against the real app: from the list to a closed work order."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from alerts.moments import DAY_US
from alerts.words.quantities import percent
from tests.alerts.crew_page import BEARING, BURST, ENTRAPMENT, PARKING, Crew, serving
from tests.alerts.seeding import photo
from tests.browser import chromium, phone
from tests.servers import wait_until

pytestmark = pytest.mark.needs("chromium")

_ACTIONS = re.compile(r"/api/v1/work-orders/\d+/(moves|notes|outcome|photos)$")

_SMALLER = """async (photo) => {
  const { smaller } = await import('/page/photo.js');
  const small = await smaller(new Blob([Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0))]));
  const { width, height } = await createImageBitmap(small);
  return { width, height, bytes: small.size };
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with serving(tmp_path) as served:
        yield served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with phone(browser, timezone_id="Asia/Shanghai") as opened:
        yield opened


def as_wang(page: Page) -> Page:
    """The page of somebody who has said their name."""
    page.add_init_script("localStorage.setItem('who', '王师傅')")
    return page


def open_order(page: Page, crew: Crew, order: int) -> None:
    page.goto(f"{crew.url}/#/orders/{order}")
    expect(page.locator("article h1")).to_be_visible()


def tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def ask_again(page: Page) -> None:
    """What the browser does when the signal is back: the page asks the service at once."""
    page.evaluate("() => { dispatchEvent(new Event('online')); }")


def state(page: Page) -> str:
    return page.locator("[data-part=what] .chip").inner_text()


def camera_photo(size: tuple[int, int] = (800, 600)) -> FilePayload:
    """What the phone's camera hands to the page."""
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo(size)}


def test_the_list_shows_what_where_and_until_when_most_urgent_first(page: Page, crew: Crew) -> None:
    """The emergency is on top, and each card says level, place, what, deadline and state."""
    page.goto(crew.url)
    cards = page.locator(".card")
    expect(cards).to_have_count(4)

    order = [cards.nth(i).get_attribute("href") for i in range(4)]
    assert order == [f"#/orders/{i}" for i in (ENTRAPMENT, PARKING, BURST, BEARING)]
    for words in ("Ⅰ级 紧急", "2 号楼 1 号电梯", "电梯困人", "响应 剩 11:", "待派单"):
        expect(cards.first).to_contain_text(words)
    expect(cards.nth(2)).to_contain_text("爆管预警 62%")
    expect(page).to_have_title("(4) 预投诉工单")


def test_a_small_chance_is_not_shown_as_none(page: Page, crew: Crew) -> None:
    """Cards and headline round a probability as the sentences beside them do."""
    page.goto(crew.url)
    shown = page.evaluate("import('/page/words.js').then(({ percent }) => [0, 0.004, 0.01, 0.62, 0.996].map(percent))")

    assert shown == [percent(chance) for chance in (0, 0.004, 0.01, 0.62, 0.996)] == ["<1%", "<1%", "1%", "62%", ">99%"]


def test_a_crew_takes_the_burst_from_the_list_to_closed(page: Page, crew: Crew) -> None:
    """One person opens it, sees why, accepts, adds a note and a photo, says what was found, and closes it."""
    page.goto(crew.url)
    page.get_by_role("link", name="爆管预警").click()
    expect(page.locator("article h1")).to_have_text(re.compile("可能在 72.小时内爆管"))
    expect(page.locator(".chance")).to_have_text("62%")
    expect(page.locator("[data-part=sure]")).to_contain_text(
        "最可能 11 月 24 日凌晨,最早明日 06:00".replace(",", "\uff0c")
    )
    expect(page.locator("[data-part=why]")).to_contain_text("相邻立管正常")
    wait_until(lambda: page.evaluate("document.querySelector('.evidence img').naturalWidth > 300"), what="the picture")

    tap(page, "接单")
    page.get_by_role("textbox", name="姓名").fill("王师傅")
    tap(page, "就用这个名字")
    expect(page.locator("[data-part=what] .chip")).to_have_text("已接单")
    tap(page, "到场")
    page.get_by_label("备注").fill("7 楼管井有水渍")
    tap(page, "保存备注")
    expect(page.get_by_label("备注")).to_have_value("")
    page.locator("input[type=file]").set_input_files(camera_photo())
    expect(page.locator(".shots img")).to_have_count(1)
    tap(page, "完成处置")
    tap(page, "先说您发现了什么")
    tap(page, "属实")
    expect(page.get_by_role("button", name="属实")).to_have_attribute("aria-pressed", "true")
    tap(page, "关闭工单")
    expect(page.locator(".actions")).to_contain_text("工单已结束")
    wait_until(lambda: crew.order(BURST)["state"] == "closed", what="the service to have it closed")
    page.get_by_role("link", name="返回工单列表").click()

    expect(page.locator(".card")).to_have_count(3)
    done = crew.order(BURST)
    assert done["outcome"] == "confirmed"
    assert [photo["kind"] for photo in done["photos"]] == ["before"]
    assert [entry["note"] for entry in crew.did(BURST, "noted")] == ["7 楼管井有水渍"]
    assert {entry["who"] for entry in done["history"][1:]} == {"王师傅"}
    assert [entry["to"] for entry in crew.did(BURST, "moved")] == ["accepted", "on_site", "resolved", "closed"]


def test_a_photo_is_made_small_before_it_is_sent(page: Page, crew: Crew) -> None:
    """Twelve megapixels leave the phone as 1600 px, because the signal in a basement is weak."""
    page.goto(crew.url)
    size = page.evaluate(_SMALLER, base64.b64encode(photo((4000, 3000))).decode())

    assert (size["width"], size["height"]) == (1600, 1200)
    assert size["bytes"] < 1_000_000


def test_the_name_is_asked_once_and_can_be_changed(page: Page, crew: Crew) -> None:
    """Whoever has said their name is not asked again, after a reload neither; the list's button changes it."""
    open_order(page, crew, ENTRAPMENT)
    tap(page, "接单")
    page.get_by_role("textbox", name="姓名").fill("王师傅")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=what] .chip")).to_have_text("已接单")
    page.reload()
    tap(page, "到场")
    expect(page.locator("[data-part=what] .chip")).to_have_text("已到场")
    page.goto(f"{crew.url}/#/")
    page.get_by_role("button", name="您:王师傅".replace(":", "\uff1a")).click()
    page.get_by_role("textbox", name="姓名").fill("李师傅")
    tap(page, "就用这个名字")

    expect(page.locator(".who")).to_have_text("李师傅")
    wait_until(lambda: [m["who"] for m in crew.did(ENTRAPMENT, "moved")] == ["王师傅"] * 2, what="both moves")


def test_going_back_from_the_name_does_nothing(page: Page, crew: Crew) -> None:
    """A tap on accept that ends in "go back" leaves the order as it was."""
    open_order(page, crew, ENTRAPMENT)
    tap(page, "接单")
    tap(page, "返回")

    assert state(page) == "待派单"
    assert crew.order(ENTRAPMENT)["state"] == "new"


def test_one_switch_changes_every_word(page: Page, crew: Crew) -> None:
    """In English no Chinese is left but what people and devices wrote, and the choice is kept."""
    page.goto(crew.url)
    page.get_by_role("button", name="Switch to English").click()
    open_order(page, crew, ENTRAPMENT)
    page.reload()
    expect(page.locator("article h1")).to_have_text("Building 2 elevator 1: people may be trapped (near floor 7)")
    words = page.locator("body").inner_text()

    assert re.findall(r"[\u4e00-\u9fff]+", words.replace("中", "")) == []
    assert page.locator("html").get_attribute("lang") == "en"


def test_new_orders_wait_behind_a_bar_until_they_are_asked_for(page: Page, crew: Crew) -> None:
    """Two new emergencies move nothing; the bar says how many, and a tap shows them on top."""
    page.goto(crew.url)
    expect(page.locator(".card")).to_have_count(4)
    before = page.locator(".card").first.bounding_box()
    crew.raise_one()
    crew.raise_one("II", "riser-3-1-high")
    ask_again(page)
    expect(page.locator(".new-bar")).to_have_text("2 条新工单")
    after = page.locator(".card").first.bounding_box()

    assert after == before
    expect(page.locator(".card")).to_have_count(4)
    page.locator(".new-bar").click()
    expect(page.locator(".card")).to_have_count(6)
    expect(page.locator(".new-bar")).to_be_hidden()


def test_without_signal_work_goes_on_and_is_sent_once(page: Page, crew: Crew) -> None:
    """Accept, note and photo without signal survive a reload, are said to be waiting, and arrive exactly once."""
    open_order(as_wang(page), crew, BURST)
    page.route("**/api/**", lambda route: route.abort())
    tap(page, "接单")
    page.get_by_label("备注").fill("地下室没有信号")
    tap(page, "保存备注")
    page.locator("input[type=file]").set_input_files(camera_photo())
    expect(page.locator(".notice")).to_contain_text("3 项操作已存在手机里")
    page.reload()
    expect(page.locator("[data-part=what] .chip")).to_have_text(re.compile("已接单.*待发送"))
    expect(page.locator(".shots img")).to_have_count(1)
    assert crew.order(BURST)["state"] == "new"
    page.unroute("**/api/**")
    # The picture was taken last and is sent last.
    with page.expect_response(lambda answer: answer.url.endswith("/photos") and answer.ok):
        ask_again(page)
    expect(page.locator(".notice")).to_have_count(0)

    assert [entry["to"] for entry in crew.did(BURST, "moved")] == ["accepted"]
    assert len(crew.did(BURST, "noted")) == len(crew.did(BURST, "photo")) == 1


def test_the_list_is_there_without_signal(page: Page, crew: Crew) -> None:
    """A page opened without signal shows the last list and says how old it is."""
    page.goto(crew.url)
    expect(page.locator(".card")).to_have_count(4)
    page.route("**/api/**", lambda route: route.abort())
    page.reload()

    expect(page.locator(".card")).to_have_count(4)
    expect(page.locator(".notice")).to_contain_text("信号弱")


def test_a_lost_answer_does_nothing_twice(page: Page, crew: Crew) -> None:
    """The service has the note but its answer is lost on the way: the retry carries the same key."""
    open_order(as_wang(page), crew, BURST)
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return route.continue_()
        route.fetch()
        return route.abort()

    page.route(_ACTIONS, lose_the_first)
    page.get_by_label("备注").fill("只记一次")
    tap(page, "保存备注")
    with page.expect_response(_ACTIONS):
        pass
    expect(page.locator(".notice")).to_have_count(0)

    assert keys[0] == keys[1]
    assert len(crew.did(BURST, "noted")) == 1


def test_a_move_still_counts_when_only_a_note_came_between(page: Page, crew: Crew) -> None:
    """Somebody's note makes the version on the screen old, not the decision to accept."""
    open_order(as_wang(page), crew, BURST)
    page.route(re.compile(r"/api/v1/work-orders(\?|/1$)"), lambda route: route.abort())
    crew.note(BURST, "先看 5 楼")
    page.unroute(re.compile(r"/api/v1/work-orders(\?|/1$)"))
    tap(page, "接单")

    expect(page.locator("[data-part=history], .history")).to_contain_text("先看 5 楼")
    wait_until(lambda: crew.order(BURST)["state"] == "accepted", what="the move")


@pytest.mark.parametrize(("theirs", "now"), [("cancelled", "已取消"), ("dispatched", "已派单")])
def test_whoever_is_slower_is_told_and_decides_again(page: Page, crew: Crew, theirs: str, now: str) -> None:
    """A move that somebody else's move has overtaken is not made; the page says how the order stands now."""
    open_order(as_wang(page), crew, BURST)
    page.route("**/api/v1/work-orders?**", lambda route: route.abort())
    crew.move(BURST, theirs, note="重复工单")
    tap(page, "接单")

    expect(page.locator(".notice.error")).to_contain_text(f"别人先操作了\uff0c现在是“{now}”")
    tap(page, "知道了")
    expect(page.locator(".notice.error")).to_have_count(0)
    assert state(page) == now
    assert crew.order(BURST)["state"] == theirs


def test_cancelling_needs_a_reason(page: Page, crew: Crew) -> None:
    """Cancel is behind "more", asks why, and goes only with an answer."""
    open_order(as_wang(page), crew, BURST)
    page.get_by_role("button", name="更多操作").click()
    tap(page, "取消工单")
    page.get_by_role("dialog").get_by_role("button", name="取消工单").click()
    assert crew.order(BURST)["state"] == "new"
    page.get_by_label("请写明原因").fill("重复工单")
    page.get_by_role("dialog").get_by_role("button", name="取消工单").click()

    expect(page.locator("[data-part=what] .chip")).to_have_text("已取消")
    wait_until(lambda: crew.did(BURST, "moved") != [], what="the move")
    assert crew.did(BURST, "moved")[0]["note"] == "重复工单"


def test_what_is_being_written_outlives_polls_and_reloads(page: Page, crew: Crew) -> None:
    """Somebody else's change neither empties the field nor takes the focus; a reload brings the draft back."""
    open_order(as_wang(page), crew, BURST)
    page.get_by_label("备注").press_sequentially("正在写")
    crew.move(BURST, "dispatched")
    ask_again(page)
    expect(page.locator("[data-part=what] .chip")).to_have_text("已派单")

    expect(page.get_by_label("备注")).to_be_focused()
    expect(page.get_by_label("备注")).to_have_value("正在写")
    page.reload()
    expect(page.get_by_label("备注")).to_have_value("正在写")


def test_back_returns_to_the_card_one_came_from(page: Page, crew: Crew) -> None:
    """The browser's back button and Escape lead to the list with the focus on the same card."""
    page.goto(crew.url)
    card = page.locator(f".card[href='#/orders/{BEARING}']")
    for leave in (page.go_back, lambda: page.keyboard.press("Escape")):
        card.click()
        expect(page.locator("article h1")).to_be_focused()
        leave()
        expect(card).to_be_focused()


def test_the_deadline_counts_down_with_the_services_clock(page: Page, crew: Crew) -> None:
    """Once the service's clock is past the deadline, the card says overdue by as much."""
    page.goto(crew.url)
    expect(page.locator(".card").first).to_contain_text("响应 剩 11:")
    crew.clock.us += 16 * 60 * 1_000_000
    ask_again(page)

    expect(page.locator(".card").first.locator(".countdown")).to_have_text(re.compile(r"^已超时 4:0\d$"))
    expect(page.locator(".late")).to_have_text("1 条已超时")


def test_a_forecast_names_no_moment_that_has_gone_by(page: Page, crew: Crew) -> None:
    """The earliest is a time while it lies ahead, and any time once it does not."""
    page.goto(f"{crew.url}/#/orders/{BURST}")
    earliest = page.locator(".when dd").first
    expect(earliest).to_have_text(re.compile("06:00"))

    crew.clock.us += 2 * DAY_US
    page.reload()

    expect(earliest).to_have_text("随时")


def test_an_order_that_does_not_exist_is_said_in_a_sentence(page: Page, crew: Crew) -> None:
    """A deep link to nowhere says so and what to do."""
    page.goto(f"{crew.url}/#/orders/999")

    expect(page.locator("main")).to_contain_text("没有这个工单")
    page.get_by_role("link", name="返回工单列表").click()
    expect(page.locator(".card")).to_have_count(4)


def test_an_empty_list_is_a_sentence(browser: Browser, tmp_path: Path) -> None:
    """A community in which all is well says so, and an order that comes is there by itself."""
    with serving(tmp_path, empty=True) as crew, phone(browser) as page:
        page.goto(crew.url)
        expect(page.locator("#list")).to_contain_text("没有未关闭的工单")
        crew.raise_one()
        ask_again(page)

        expect(page.locator(".card")).to_have_count(1)
