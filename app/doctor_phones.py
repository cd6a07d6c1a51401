"""Examines the ways to reach people: accounts, routes, the way back for keys, contacts whom nothing reaches."""

from collections.abc import Callable, Iterator

import httpx

from alerts.routing import BOARD
from app.adapters import aliyun_account, twilio_account, webhook_settings
from app.check import Check, bad, refused, well
from app.files import DataFiles
from app.lines import Lines, routes
from app.settings import Settings
from core.errors import ConfigurationError
from core.text import Bilingual

CALLBACK_S = 5.0
OK = 200
MAINLAND_PREFIX = "+86"


def examine_phones(settings: Settings) -> Iterator[Check]:
    """Yield every check; nobody is rung, and only our own public address is asked."""
    if not settings.live_calls:
        yield well(
            "live_calls 为 false：呼叫只显示在值班台，不会真正拨打",
            "calls are shown on the duty board, nobody is rung (live_calls is false)",
        )
    yield from _half_accounts(settings)
    accounts: tuple[tuple[str, str, Callable[[], object]], ...] = (
        ("twilio", settings.twilio_account_sid, lambda: twilio_account(settings, settings.public_base_url)),
        ("aliyun", settings.aliyun_access_key_id, lambda: aliyun_account(settings)),
        ("webhook", settings.webhook_url, lambda: webhook_settings(settings)),
        ("routes_file", settings.routes_file, lambda: routes(settings)),
    )
    failed = [check for name, is_set, work in accounts if is_set and (check := _fault(name, work)) is not None]
    yield from failed
    if settings.aliyun_access_key_id and settings.aliyun_contact_code and not settings.aliyun_service_code:
        yield bad(
            Bilingual(
                "没有关于系统自身故障的阿里云话术（aliyun_service_code）：这种电话会说“老人家中有警报”",
                "no approved text about the service itself (aliyun_service_code): such a call speaks of an alert at a "
                "home",
            ),
            Bilingual(
                "申请一段话术：系统自身有故障：${kind}，请登录值班台，1处理、2不能处理；填入 aliyun_service_code",
                "have a text approved: the service itself is in trouble: ${kind}, look at the duty board, 1 I see to "
                "it, 2 I cannot; set aliyun_service_code",
            ),
        )
    if not settings.live_calls:
        return
    yield from _way_back(settings)
    if not failed:
        yield from _reach(settings)
    elif settings.twilio_account_sid and not settings.aliyun_access_key_id:
        yield from _mainland(sum(number.startswith(MAINLAND_PREFIX) for number in _numbers(settings)))


def _half_accounts(settings: Settings) -> Iterator[Check]:
    """Yield accounts of which something is set and not what they hang on: they would be left out without a word."""
    halves = (
        ("twilio_account_sid", ("twilio_auth_token", "twilio_from_number")),
        ("aliyun_access_key_id", ("aliyun_access_key_secret", "aliyun_shown_number", "aliyun_sign_name")),
    )
    for key, others in halves:
        given = [name for name in others if getattr(settings, name)]
        if given and not getattr(settings, key):
            yield bad(
                Bilingual(
                    f"已设置 {given[0]}，但缺少 {key}：这个账号不会使用",
                    f"{given[0]} is set and {key} is missing: the account is not used",
                ),
                Bilingual(f"填写 {key}，或去掉其余各项", f"set {key}, or take the others away"),
            )


def _fault(name: str, work: Callable[[], object]) -> Check | None:
    try:
        work()
    except ConfigurationError as error:
        return refused(name, error)
    return None


def _way_back(settings: Settings) -> Iterator[Check]:
    base = settings.public_base_url.rstrip("/")
    if not base:
        yield bad(
            Bilingual(
                "没有设置 public_base_url：电话里按键无效，须由值班员确认",
                "there is no public_base_url: calls say that no key can be pressed, and the desk has to confirm",
            ),
            Bilingual(
                "设置运营商能访问到的 https:// 地址",
                "set public_base_url to an https:// address at which the provider reaches this service",
            ),
        )
        return
    try:
        status = httpx.get(f"{base}/healthz", timeout=CALLBACK_S).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        seen = type(error).__name__
    else:
        if status == OK:
            yield well(f"{base} 有应答", f"{base} answers")
            return
        seen = f"HTTP {status}"
    yield bad(
        Bilingual(
            f"public_base_url {base} 没有应答（{seen}）：按下的键收不到",
            f"public_base_url {base} does not answer ({seen}): keys that are pressed will not be heard",
        ),
        Bilingual(
            "先启动服务，再查域名、证书和代理；有的路由器只是内网看不到",
            "start the service, then look at DNS, certificate and the proxy; some routers hide it from inside only",
        ),
    )


def _reach(settings: Settings) -> Iterator[Check]:
    numbers = _numbers(settings)
    unreached = _unreached(settings, numbers) if numbers else []
    mainland = sum(number.startswith(MAINLAND_PREFIX) for number in unreached)
    yield from _mainland(mainland)
    if others := len(unreached) - mainland:
        yield bad(
            Bilingual(
                f"另有{others}个号码只在值班台显示", f"{others} other numbers are reached by the duty board alone"
            ),
            Bilingual(
                "写成带 + 和国家代码的号码，并在 routes_file 里给它的前缀一个通道",
                "write them with + and country code, and give their prefix a channel in routes_file",
            ),
        )


def _numbers(settings: Settings) -> list[str]:
    """Return the numbers of residents, contacts and staff; none before there is a database."""
    files = DataFiles(settings.data_dir)
    if not files.truth.exists():
        return []
    truth = files.open_truth()
    try:
        with truth.view() as unit:
            people = unit.people.persons()
            numbers = [contact.phone for person in people for contact in unit.people.contacts(person.id)]
            numbers += [person.phone for person in people]
            numbers += [member.phone for member in unit.rota.current().staff]
    finally:
        truth.close()
    return [number for number in numbers if number]


def _mainland(count: int) -> Iterator[Check]:
    if count:
        yield bad(
            Bilingual(
                f"{count}个 +86 号码只能显示在值班台：Twilio 自 2023-11-30 起不再呼叫中国大陆",
                f"{count} +86 numbers are reached by the duty board alone: Twilio does not ring them since 2023-11-30",
            ),
            Bilingual("为它们设置 aliyun_*（境内语音）", "set up aliyun_* as their voice channel"),
        )


def _unreached(settings: Settings, numbers: list[str]) -> list[str]:
    lines = Lines(settings, settings.public_base_url)
    try:
        voices = {channel.name: channel for channel in lines.channels if channel.name != BOARD}
        return [
            number
            for number in numbers
            if not any(
                name in voices and voices[name].refuses(number) is None
                for name in lines.routes.channels(number, is_call=True)
            )
        ]
    finally:
        lines.close()
