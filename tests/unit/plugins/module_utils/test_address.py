# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one rule for addresses of Atlassian hosts."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.fleetops.usersync.plugins.module_utils import _address
from ansible_collections.fleetops.usersync.plugins.module_utils._errors import OptionError

SECRET = "Winter-2026"


@pytest.mark.parametrize(
    ("text", "url"),
    {
        "https://jira.example.com": "https://jira.example.com",
        "https://jira.example.com/": "https://jira.example.com",
        "  https://jira.example.com/jira/\n": "https://jira.example.com/jira",
        "HTTPS://Jira.Example.COM/Jira": "https://jira.example.com/Jira",
        "https://jira.example.com:443/jira": "https://jira.example.com/jira",
        "https://jira.example.com:0443": "https://jira.example.com",
        "https://jira.example.com:": "https://jira.example.com",
        "https://jira.example.com:8443": "https://jira.example.com:8443",
        "https://jira.example.com.": "https://jira.example.com",
        "https://jira.example.com.:443/": "https://jira.example.com",
        "https://jira_01.example.com": "https://jira_01.example.com",
        "https://jira01": "https://jira01",
        "https://bücher.example.com/wiki": "https://xn--bcher-kva.example.com/wiki",
        "https://BÜCHER.example.com": "https://xn--bcher-kva.example.com",
        "https://XN--BCHER-KVA.example.com": "https://xn--bcher-kva.example.com",
        "https://straße.example.com": "https://xn--strae-oqa.example.com",
        "https://jira。example。com": "https://jira.example.com",
        "https://192.0.2.10:8443/jira": "https://192.0.2.10:8443/jira",
        "https://[2001:DB8:0:0::1]:443/jira": "https://[2001:db8::1]/jira",
        "https://[2001:db8::1]:8443": "https://[2001:db8::1]:8443",
        "https://jira.example.com/context/jira-10_2~x+y.z": "https://jira.example.com/context/jira-10_2~x+y.z",
        "https://issues.example.com/projects/jira": "https://issues.example.com/projects/jira",
        "https://example.com/secure/jira": "https://example.com/secure/jira",
        "https://example.com/restful": "https://example.com/restful",
        "https://example.com/wiki": "https://example.com/wiki",
        "http://localhost:2990/jira": "http://localhost:2990/jira",
        "http://LOCALHOST:80/jira": "http://localhost/jira",
        "http://127.0.0.2": "http://127.0.0.2",
        "http://[::1]:8080": "http://[::1]:8080",
    }.items(),
)
def test_one_spelling(text: str, url: str) -> None:
    address = _address.parse("url", text)
    assert address.url == url
    assert _address.parse("url", url) == address, "what the rule has written passes it unchanged"
    assert address.place == url.split("://", 1)[1]
    assert address.origin == "/".join(url.split("/")[:3])


LOGINS = (
    f"https://admin:{SECRET}@jira.example.com",
    f"https://admin:{SECRET}@jira.example.com/rest/api/2?x=y",
    f"https://{SECRET}@jira.example.com",
    f"https://admin:{SECRET}%40jira.example.com",
    f"https://admin%3A{SECRET}%2540jira.example.com",
    f"https://admin:{SECRET}/x@jira.example.com",
    f"https://admin:{SECRET}#x@jira.example.com",
    f"admin:{SECRET}@jira.example.com",
    f"https//admin:{SECRET}@jira.example.com",
    f"https://jira.example.com?os_password={SECRET}",
    f"https://jira.example.com/?os_username=admin&os_password={SECRET}",
    f"https://jira.example.com/?OS_PASSWORD={SECRET}",
    f"https://jira.example.com/?a=b;os_password={SECRET}",
    f"https://jira.example.com/?os%5Fpassword={SECRET}",
    f"https://jira.example.com/?next=%3Fos_password%3D{SECRET}",
    f"https://jira.example.com/#access_token={SECRET}",
    f"https://jira.example.com/jira;jsessionid={SECRET}",
    f"https://jira.example.com/os_password={SECRET}",
)


@pytest.mark.parametrize("text", LOGINS)
def test_a_login_is_refused_and_not_repeated(text: str) -> None:
    for check in (_address.parse, _address.check_no_login):
        with pytest.raises(OptionError) as caught:
            check("azure_connector_url", text)
        assert caught.value.message.startswith("azure_connector_url: must not contain a login")
        assert SECRET not in str(caught.value.as_failure()) + caught.value.message


ODD = (
    f"https://admin:{SECRET}＠jira.example.com",
    f"https://jira.example.com\\@{SECRET}",
    f"https://good.example.com:1\\@{SECRET}:2/",
    f"https://jira.example.com:{SECRET}",
    f"https://jira.example.com/{SECRET}!",
    f"https://jira.example.com/{SECRET};x",
    f"https://jira.example.com/?x={SECRET}",
    f"https://jira.example.com/#{SECRET}",
    f"https://jira.example.com/{SECRET}/../x",
    f"https://{SECRET}_!.example.com",
    f"https://[{SECRET}]/",
    f"https://jira.example.com/%2e%2e/{SECRET}",
    f"ftp://{SECRET}.example.com",
    f"{SECRET}",
    f"https:/{SECRET}",
    f"//{SECRET}",
    f"https:///{SECRET}",
    f"https://jira.example.com//{SECRET}",
)


@pytest.mark.parametrize("text", ODD)
def test_what_cannot_be_read_is_not_repeated(text: str) -> None:
    with pytest.raises(OptionError) as caught:
        _address.parse("url", text)
    assert SECRET.lower() not in caught.value.message.lower()


PAGES = {
    "/rest/api/2": "",
    "/jira/rest/api/2/": "/jira",
    "/rest": "",
    "/login.action": "",
    "/login.jsp": "",
    "/confluence/login.action": "/confluence",
    "/secure/Dashboard.jspa": "",
    "/jira/secure/Dashboard.jspa": "/jira",
    "/jira/secure/admin/ViewApplicationProperties.jspa": "/jira",
    "/secure": "",
    "/Secure/": "",
    "/dashboard": "",
    "/jira/Login": "/jira",
    "/admin": "",
    "/wiki/admin/console.action": "/wiki",
    "/wiki/pages/viewpage.action": "/wiki",
    "/wiki/display/OPS/Home": "/wiki",
    "/browse/OPS-1": "",
    "/plugins/servlet/samlsso/usersync": "",
    "/jira/plugins/servlet/de.resolution.usersync/admin": "/jira",
    "/index.html": "",
}
TAILS = ("", "?a=b", "#x", "?", "#")


@pytest.mark.parametrize(("page", "tail"), list(itertools.product(PAGES, TAILS)))
def test_pages_queries_and_fragments_are_refused_with_the_base_url(page: str, tail: str) -> None:
    with pytest.raises(OptionError, match="base URL alone") as caught:
        _address.parse("url", f"https://Jira.example.com:443{page}{tail}")
    assert caught.value.message.endswith(f"perhaps https://jira.example.com{PAGES[page]}")


@pytest.mark.parametrize("tail", TAILS[1:])
def test_a_tail_alone_is_refused(tail: str) -> None:
    with pytest.raises(OptionError, match=r"perhaps https://jira\.example\.com/jira$"):
        _address.parse("url", f"https://jira.example.com/jira{tail}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "must be the base URL"),
        (7, "must be the base URL"),
        ("", "must be the base URL"),
        (" \t", "must be the base URL"),
        ("jira.example.com", "begin with https://"),
        ("jira.example.com:8443/jira", "begin with https://"),
        ("//jira02", "begin with https://"),
        ("https:/jira.example.com", "begin with https://"),
        ("https:jira.example.com", "begin with https://"),
        ("ftp://jira.example.com", "begin with https://"),
        ("https://", "no usable host name"),
        ("https:///jira", "no usable host name"),
        ("https://:8443", "no usable host name"),
        ("https://jira.example.com:0", "no usable host name"),
        ("https://jira.example.com:65536", "no usable host name"),
        ("https://jira.example.com:٤٤٣", "no usable host name"),
        ("https://jira.example.com:84:43", "no usable host name"),
        ("https://-jira.example.com", "no usable host name"),
        ("https://jira-.example.com", "no usable host name"),
        ("https://jira..example.com", "no usable host name"),
        ("https://jira.example.com..", "no usable host name"),
        ("https://.", "no usable host name"),
        (f"https://{'a' * 64}.example.com", "no usable host name"),
        (f"https://{'a.' * 130}com", "no usable host name"),
        ("https://*.example.com", "no usable host name"),
        ("https://jira%2eexample.com", "no usable host name"),
        ("https://{{ jira }}.example.com", "white space"),
        ("https://{{jira}}.example.com", "no usable host name"),
        ("https://jira example.com", "white space"),
        ("https://jira.exa\nmple.com", "white space"),
        ("https://jira.exa\u202emple.com", "invisible character"),
        ("https://jira.example.com\\jira", "backslash"),
        ("https://256.1.1.1", "not an IPv4 address"),
        ("https://127.1", "not an IPv4 address"),
        ("https://2130706433", "not an IPv4 address"),
        ("https://0x7f000001", "not an IPv4 address"),
        ("https://0177.0.0.1", "not an IPv4 address"),
        ("https://jira.example.7", "not an IPv4 address"),
        ("https://[fe80::1%25eth0]", "IPv6"),
        ("https://[fe80::1%eth0]", "IPv6"),
        ("https://[jira.example.com]", "IPv6"),
        ("https://2001:db8::1", "no usable host name"),
        ("https://☃℀.example.com", "punycode"),
        ("https://jira.example.com//", "double slash"),
        ("https://jira.example.com//jira", "double slash"),
        ("https://jira.example.com/jira//", "double slash"),
        ("https://jira.example.com/./jira", "context path"),
        ("https://jira.example.com/jira/..", "context path"),
        ("https://jira.example.com/my%20jira", "context path"),
        ("https://jira.example.com/jira:8443", "context path"),
        ("https://jira.example.com/jira;v=1", "';'"),
        ("http://jira.example.com", "plain http"),
        ("http://jira", "plain http"),
        ("http://10.0.0.1", "plain http"),
    ],
)
def test_each_refusal_names_the_option_and_what_is_wrong(text: object, said: str) -> None:
    with pytest.raises(OptionError) as caught:
        _address.parse("azure_connector_url", text)
    assert caught.value.message.startswith("azure_connector_url: ")
    assert said in caught.value.message


def test_plain_http_is_taken_where_it_is_allowed() -> None:
    assert (
        _address.parse("url", "http://Jira.example.com:80/x", allow_plain_http=True).url == "http://jira.example.com/x"
    )
    with pytest.raises(OptionError) as caught:
        _address.parse("url", "http://jira.example.com")
    assert caught.value.code == "plain_http" and "allow_plain_http" in caught.value.message


@pytest.mark.parametrize(
    ("host", "says_who"),
    {
        "jira.example.com": True,
        "jira.corp.internal": True,
        "xn--bcher-kva.example": True,
        "jira01": False,
        "localhost": False,
        "jira.localhost": False,
        "localhost.localdomain": False,
        "127.0.0.1": False,
        "10.1.2.3": False,
        "192.168.0.1": False,
        "203.0.113.7": False,
        "[::1]": False,
        "[fd00::1]": False,
        "[2001:db8::1]": False,
    }.items(),
)
def test_who_answers(host: str, says_who: bool) -> None:
    assert _address.parse("url", f"https://{host}/jira").says_who is says_who


@pytest.mark.parametrize(
    "uri",
    [
        "https://jira.example.com/plugins/servlet/de.resolution.usersync/oauth2/authorize",
        "https://jira.example.com/cb?source=usersync",
        "myapp://auth",
        "urn:ietf:wg:oauth:2.0:oob",
        "http://localhost:8400",
    ],
)
def test_other_addresses_without_a_login_pass(uri: str) -> None:
    _address.check_no_login("redirect_uris", uri)


def test_without_the_library_for_names_punycode_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_address, "idna", None)
    assert _address.parse("url", "https://jira.example.com").host == "jira.example.com"
    with pytest.raises(OptionError, match="punycode"):
        _address.parse("url", "https://bücher.example.com")
