"""Broker addresses as people write them."""

import pytest

from domain.errors import BadSetting
from pipeline.amqp_url import addresses, host_and_port, masked, virtual_host, with_credentials


def test_one_address_is_itself() -> None:
    assert addresses("amqp://u:p@broker:5672/co") == ["amqp://u:p@broker:5672/co"]


def test_several_urls_are_tried_in_the_order_written() -> None:
    assert addresses("amqp://u:p@a/co, amqps://u:p@b:5671/co") == ["amqp://u:p@a/co", "amqps://u:p@b:5671/co"]


def test_several_hosts_share_credentials_and_virtual_host() -> None:
    urls = "amqp://u:p%2Cq@a:5672,b, c:5673/%2F?x=1"
    assert addresses(urls) == [
        "amqp://u:p%2Cq@a:5672/%2F?x=1",
        "amqp://u:p%2Cq@b/%2F?x=1",
        "amqp://u:p%2Cq@c:5673/%2F?x=1",
    ]


@pytest.mark.parametrize(
    "urls",
    ["", "broker:5672", "http://broker", "amqp://", "amqp://u:p@a:port/", "amqp://u:p@a:99999/", "amqp://a,amqp://b,c"],
)
def test_anything_else_is_a_bad_setting_that_names_itself(urls: str) -> None:
    with pytest.raises(BadSetting, match="COEDI_AMQP_URL"):
        addresses(urls)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(BadSetting) as error:
        addresses("amqp://coedi:hush-hush@broker:port/")
    assert "hush" not in str(error.value)
    assert masked("amqp://u:hush@a/v,amqp://w:hush@b/v") == "amqp://u:***@a/v,amqp://w:***@b/v"
    assert masked("amqp://a/v") == "amqp://a/v"


def test_another_user_is_put_into_every_address() -> None:
    assert with_credentials("amqp://u:p@a/v,amqp://b:1/v", "ENT1", "p/@,x") == (
        "amqp://ENT1:p%2F%40%2Cx@a/v,amqp://ENT1:p%2F%40%2Cx@b:1/v"
    )


def test_virtual_host_and_port_have_the_usual_defaults() -> None:
    assert [virtual_host(url) for url in ("amqp://a", "amqp://a/", "amqp://a/%2F", "amqp://a/co")] == [
        "/",
        "/",
        "/",
        "co",
    ]
    assert host_and_port("amqp://a") == ("a", 5672)
    assert host_and_port("amqps://a,b:1/") == ("a", 5671)
