from __future__ import annotations

import re
from pathlib import Path

import pytest

from display.settings import DisplaySettings
from hardware.panel.window_settings import WindowSettings
from protocol.settings import BrokerAddress, HubAddress, Settings, SettingsError, TimeZone, load_settings
from protocol.vocabulary import Text
from server.domain.model.catalogue import Catalogue, Service
from server.hub.settings import HubSettings

ADDRESS = ("应为网址，例如 http://10.0.0.5:8080", "must be an address such as http://10.0.0.5:8080")

HOST = (
    "应为 IP 地址或主机名，例如 10.0.0.5、::、hub.local，不带端口和方括号",
    "must be an IP address or a host name such as 10.0.0.5, :: or hub.local, without port and brackets",
)
NO_HOSTS = ("", "not a host", "[::1]", "127.0.0.1:8080", "300.1.1.1", "http://hall", "*", "a..b", "-hall")
NO_URLS = (
    "http://x y",
    "http://a:b@x",
    "http://x/?q",
    "http://x#part",
    "http://300.1.1.1",
    "http://fd00::5:80",
    "x:80",
)


def sentence(path: Path, text: str | None, *, model: type[Settings] = HubAddress) -> str:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(model, path)
    return str(error.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.toml"


def test_keys_that_a_file_leaves_out_have_their_defaults(path: Path) -> None:
    path.write_text("port = 9000\n", encoding="utf-8")
    settings = load_settings(HubSettings, path).from_folder(path.parent)
    assert (settings.port, settings.data, settings.catalogue) == (9000, path.parent / "data", path.parent / "site.toml")


def test_a_missing_file_is_named(path: Path) -> None:
    why = "No such file or directory"
    assert sentence(path, None) == f"{path}: 读不到：{why} / cannot be read: {why}"


def test_a_file_that_is_not_toml_is_named_with_the_place(path: Path) -> None:
    message = sentence(path, 'device = "kiosk-1\n')
    zh, en = re.escape(f"{path}: 不是正确的 TOML："), "is not valid TOML: "
    assert re.fullmatch(rf"{zh}(.*line 1.*) / {en}\1", message)


def test_a_mark_that_an_editor_puts_before_the_first_line_is_no_fault(path: Path) -> None:
    path.write_text("port = 8090\n", encoding="utf-8-sig")
    assert load_settings(HubSettings, path).port == 8090


def test_a_certificate_that_is_not_there_is_named(path: Path) -> None:
    path.write_text('[county]\nurl = "https://county"\nkey = "k"\nca = "none.pem"\n', encoding="utf-8")
    there_is_none = r"hub\.toml: county\.ca: 没有文件 .*none\.pem / county\.ca: there is no file .*none\.pem"
    with pytest.raises(SettingsError, match=there_is_none):
        load_settings(HubSettings, path).from_folder(path.parent)


def test_a_certificate_that_is_none_is_named(path: Path) -> None:
    path.with_name("none.pem").write_text("hello", encoding="utf-8")
    path.write_text('[county]\nurl = "https://county"\nkey = "k"\nca = "none.pem"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"county\.ca: .*none\.pem has no PEM certificate"):
        load_settings(HubSettings, path).from_folder(path.parent)


@pytest.mark.parametrize("host", ["::", "::1", "fe80::1%eth0", "10.0.0.5", "localhost", "hall_1", "hub.example.org"])
def test_addresses_and_names_of_machines_are_hosts(path: Path, host: str) -> None:
    path.write_text(f'host = "{host}"\n', encoding="utf-8")
    assert load_settings(HubSettings, path).host == host


@pytest.mark.parametrize("url", ["http://[fd00::5]:8080", "https://county.example.org/jiaohao", "http://10.0.0.5"])
def test_addresses_of_servers_are_urls(path: Path, url: str) -> None:
    path.write_text(f'url = "{url}"\ndevice = "kiosk-1"\nkey = "k"\n', encoding="utf-8")
    assert load_settings(HubAddress, path).url == url


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        ('expected_min = "5"', "must be a number"),
        ("expected_min = true", "must be a number"),
        ('trust_expected = "true"', "must be true or false"),
        ("trust_expected = 1", "must be true or false"),
    ],
)
def test_a_number_in_quotes_and_a_switch_are_no_number(path: Path, setting: str, allowed: str) -> None:
    service = 'id = "tax"\nletter = "A"\nname = { zh = "税", en = "Tax" }\ndepartment = "d"\narea = "a"\n'
    message = sentence(path, f"{service}{setting}\n", model=Service)
    assert message.endswith(f"is not allowed: {allowed}")
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("setting", "sentence_in_english"),
    [
        ("voice.languages = []", "voice.languages: needs at least 1"),
        ('voice.languages = ["zh", "zh"]', "voice: languages has one twice"),
        ('voice.player = ["aplay"]', 'voice: player must have "{file}"'),
        ('key = "钥匙"', "key = *** is not allowed: must be as it was shown when it was made"),
    ],
)
def test_a_screen_that_could_not_speak_or_log_in_is_refused(path: Path, setting: str, sentence_in_english: str) -> None:
    key = "" if setting.startswith("key") else 'key = "k"\n'
    message = sentence(path, f'site = "hall"\ndevice = "display-1"\n{key}{setting}\n', model=DisplaySettings)
    assert message.endswith(f" / {sentence_in_english}")


def test_a_file_that_is_not_utf_8_is_one_sentence_too(path: Path) -> None:
    path.write_bytes(b'device = "\xff"')
    assert "is not UTF-8: save as UTF-8" in sentence(path, None)


def test_a_missing_key_is_named(path: Path) -> None:
    assert sentence(path, 'device = "kiosk-1"\n') == f"{path}: 缺少 key / key is missing"


def test_a_key_nobody_knows_is_named(path: Path) -> None:
    message = sentence(path, 'device = "kiosk-1"\nkey = "k"\nurls = "x"\n')
    assert message == f"{path}: 没有 urls 这一项 / there is no setting urls"


def test_a_wrong_value_is_reported_with_key_value_and_what_is_allowed(path: Path) -> None:
    message = sentence(path, "port = 70000\n", model=HubSettings)
    value = "port = 70000"
    assert message == f"{path}: {value} 不对：应不大于 65535 / {value} is not allowed: must be at most 65535"


@pytest.mark.parametrize(
    ("toml", "value", "zh", "en"),
    [
        ("port = true\n", "port = True", "应为整数", "must be a whole number"),
        ('host = "a\\u0000b"\n', r"host = 'a\x00b'", *HOST),
        ('data = "a\\u0000b"\n', r"data = 'a\x00b'", "不能含有空字符", "must have no NUL character"),
        ("[broker]\nport = 70000\n", "broker.port = 70000", "应不大于 65535", "must be at most 65535"),
        ('[broker]\nhost = ""\n', "broker.host = ''", *HOST),
        *((f'host = "{host}"\n', f"host = {host!r}", *HOST) for host in NO_HOSTS),
        *((f'[county]\nurl = "{url}"\nkey = "k"\n', f"county.url = {url!r}", *ADDRESS) for url in NO_URLS),
        ("[limits]\nrequest_s = true\n", "limits.request_s = True", "应为数字", "must be a number"),
        ('[limits]\nrequest_s = "20"\n', "limits.request_s = '20'", "应为数字", "must be a number"),
        ("[broker]\nkeepalive_s = -1\n", "broker.keepalive_s = -1", "应不小于 1", "must be at least 1"),
        ('[county]\nurl = "ftp://x"\nkey = "k"\n', "county.url = 'ftp://x'", *ADDRESS),
        ('[county]\nurl = "http://x:port"\nkey = "k"\n', "county.url = 'http://x:port'", *ADDRESS),
        (
            '[county]\nurl = "http://x"\nkey = "钥匙"\n',
            "county.key = ***",
            "应与登记时显示的一致",
            "must be as it was shown when it was made",
        ),
        (
            'proxies = ["proxy"]\n',
            "proxies[1] = 'proxy'",
            "应为 IP 地址或网段，例如 10.0.0.5、10.0.0.0/24",
            "must be an IP address or a network such as 10.0.0.5 or 10.0.0.0/24",
        ),
    ],
)
def test_a_value_that_no_system_takes_is_reported_by_its_key(
    path: Path, toml: str, value: str, zh: str, en: str
) -> None:
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(HubSettings, path)
    assert error.value.sentences == (Text(zh=f"{value} 不对：{zh}", en=f"{value} is not allowed: {en}"),)
    assert str(error.value) == f"{path}: {value} 不对：{zh} / {value} is not allowed: {en}"


@pytest.mark.parametrize("zone", ["Mars", "Asia", "../etc", ""])
def test_a_time_zone_that_is_none_is_reported_by_its_key(path: Path, zone: str) -> None:
    class Place(Settings):
        time_zone: TimeZone

    message = sentence(path, f'time_zone = "{zone}"\n', model=Place)
    assert message.startswith(f"{path}: time_zone = {zone!r} 不对：应为时区名，例如 Asia/Shanghai / time_zone = ")
    assert message.endswith("is not allowed: must be a time zone such as Asia/Shanghai")


def test_a_value_within_a_table_is_reported_with_its_path(path: Path) -> None:
    assert sentence(path, '[broker]\nport = "x"\n', model=HubSettings).startswith(f"{path}: broker.port = 'x' 不对")


def test_a_secret_is_never_repeated(path: Path) -> None:
    message = sentence(path, 'device = "kiosk-1"\nkey = 12345\n')
    assert message.startswith(f"{path}: key = *** 不对")
    assert "12345" not in message


def test_every_wrong_key_has_its_own_line(path: Path) -> None:
    assert len(sentence(path, 'device = "Kiosk 1"\nurls = 1\n').splitlines()) == 3


def test_a_rule_over_several_keys_repeats_no_secret_and_no_table(tmp_path: Path) -> None:
    path = tmp_path / "window.toml"
    path.write_text(
        'site = "hall"\nwindow = "window-1"\n[hub]\ndevice = "window-1"\nkey = "top-secret"\n'
        "[keys]\ncall = 17\npause = 17\n[lamp]\nred = 5\ngreen = 6\nblue = 13\n",
        encoding="utf-8",
    )
    with pytest.raises(SettingsError) as error:
        load_settings(WindowSettings, path)
    assert str(error.value) == f"{path}: [keys] [lamp]: 引脚 17 重复 / [keys] [lamp]: pin 17 is used twice"


def test_an_entry_of_a_list_is_named_by_its_id_and_a_wrong_reference_by_both(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    head = 'site = "hall"\nname = { zh = "厅", en = "Hall" }\n[[areas]]\nid = "a"\nname = { zh = "A区", en = "A" }\n'
    departments = '[[departments]]\nid = "police"\nname = { zh = "公安", en = "Police" }\n'
    service = '[[services]]\nid = "id-card"\nletter = "%s"\nname = { zh = "证", en = "Card" }\n'
    service_end = 'department = "police"\narea = "a"\n[[windows]]\nid = "w1"\nlabel = "1"\narea = "a"\n'
    window = 'name = { zh = "窗", en = "W" }\nservices = ["%s"]\n'
    path.write_text(head + departments + service % "7" + service_end + window % "id-card", encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(Catalogue, path)
    letter = "services[id-card].letter = '7'"
    assert str(error.value) == (
        f"{path}: {letter} 不对：应符合 ^[A-Z]{{1,2}}$ / {letter} is not allowed: must match ^[A-Z]{{1,2}}$"
    )
    path.write_text(head + departments + service % "A" + service_end + window % "id-cart", encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(Catalogue, path)
    service = "windows[w1].services = 'id-cart'"
    assert str(error.value) == (
        f"{path}: {service} 没有定义，已有：id-card / {service} is not described; known: id-card"
    )


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_what_a_power_cut_left(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hub.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="是空的：请放回原来的内容"):
        load_settings(HubSettings, path)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-16-le"])
def test_a_file_in_another_encoding_is_to_be_saved_as_utf8(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "hub.toml"
    path.write_bytes('data = "大厅"\n'.encode(encoding))
    with pytest.raises(SettingsError, match="另存为 UTF-8 / is not UTF-8: save as UTF-8"):
        load_settings(BrokerAddress, path)


@pytest.mark.parametrize(
    ("line", "column", "character", "meant"),
    [
        ("port ＝ 1883", 6, "＝", "="),
        ("host = “hall”", 8, "“", '"'),
        ('host = "hall”', 13, "”", '"'),
        ("keys = [1，2]", 10, "，", ","),
        ("host：'hall'", 5, "：", ":"),
    ],
)
def test_full_width_punctuation_is_pointed_at(
    tmp_path: Path, line: str, column: int, character: str, meant: str
) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(f'# 注意：“全角”\nzh = "大厅，二楼"\n{line}\n', encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        load_settings(BrokerAddress, path)
    assert str(raised.value) == (
        f"{path}: 第 3 行第 {column} 列的 {character} 是全角符号，请改为 {meant}"
        f" / line 3, column {column}: {character} is full-width, write {meant}"
    )
