"""Whoever stands before the site: protection services, firewalls, captchas. A wall is never a dead page."""

from __future__ import annotations

from behaviour import BLOCKED, BROKEN, OK, Behaviour, answer, page

JSL = "<script>document.cookie=('_')+('_jsl_clearance_s=1')+';max-age=3600';location.href=location.pathname</script>"
JSL_PLAIN = "<html><script>document.cookie='__jsl_clearance_s=1';location.href=location.pathname</script></html>"
RUISHU = "<html><head><meta id=9DhefwqGPrz><script>$_ts=window['$_ts'];$_ts.nsd=1</script></head></html>"
RUISHU_CALL = "<html><body><script>_$aB(); function _$aB(){}</script></body></html>"
CLOUDFLARE = page("Just a moment...", "<script>window._cf_chl_opt={}</script>")


def wall(body: str, *headers: str, status: str = "200 OK") -> bytes:
    return answer(body, *headers, status=status)


_TEXTS = {
    "safedog": "您的请求带有不合法参数，已被网站管理员设置拦截！可能原因：您提交的内容包含危险的攻击请求",
    "aliyun": "很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。",
    "tencent": "很抱歉，您提交的请求可能对网站造成威胁，请求已被管理员设置的策略阻断",
    "huawei": "您的请求疑似攻击行为！如果您是网站管理员，请登录控制台查看防护事件",
    "baidu": "百度云加速：您的访问被拦截，请完成安全验证",
    "chuangyudun": "当前访问疑似黑客攻击，已被创宇盾拦截",
    "safeline": "您的访问被拦截，雷池 WAF 社区版",
    "d-dun": "D盾_拦截提示：您当前的访问行为存在异常，请稍后重试",
    "yunsuo": "您所提交的请求含有不合法的参数，已被网站管理员设置拦截",
    "captcha": "为了您的账号安全，请完成验证后继续访问",
    "slider": "访问过于频繁，请拖动滑块完成人机验证",
    "too-often": "您的访问过于频繁，请稍后再试",
    "english": "Access Denied. You don't have permission to access this server. Reference #18.2d",
    "cloudflare": "Checking your browser before accessing",
    "wangzhan": "网站防火墙：您的IP已被列入黑名单",
}

BEHAVIOURS = (
    Behaviour("jiasule-521", "加速乐: 521 and a script", BLOCKED, "http-521", wall(JSL, status="521 Unknown")),
    Behaviour("jiasule-200", "加速乐: 200 and a script", BLOCKED, "challenge", wall(JSL_PLAIN), "page"),
    Behaviour(
        "ruishu-412", "瑞数: 412 and a script", BLOCKED, "challenge", wall(RUISHU, status="412 Precondition Failed")
    ),
    Behaviour(
        "ruishu-412-page",
        "瑞数: 412 for a page of the site",
        BLOCKED,
        "challenge",
        wall(RUISHU, status="412 Precondition Failed"),
        "page",
    ),
    Behaviour(
        "ruishu-202", "瑞数: 202 and a script", BLOCKED, "challenge", wall(RUISHU, status="202 Accepted"), "page"
    ),
    Behaviour("ruishu-200", "瑞数: 200 and a call of its function", BLOCKED, "challenge", wall(RUISHU_CALL), "page"),
    Behaviour(
        "cloudflare-503",
        "Cloudflare: 503, told by its header",
        BLOCKED,
        "challenge",
        wall(CLOUDFLARE, "cf-mitigated: challenge", status="503 Service Unavailable"),
    ),
    Behaviour(
        "cloudflare-403",
        "Cloudflare: 403 and Just a moment",
        BLOCKED,
        "challenge",
        wall(CLOUDFLARE, status="403 Forbidden"),
        "page",
    ),
    Behaviour(
        "cloudflare-503-page",
        "Cloudflare: 503, told by its page",
        BLOCKED,
        "challenge",
        wall(CLOUDFLARE, status="503 Service Unavailable"),
        "page",
    ),
    Behaviour(
        "acw",
        "a script that sets acw_sc__v2",
        BLOCKED,
        "challenge",
        wall("<html><script>var arg1='A';setCookie('acw_sc__v2',x)</script></html>"),
        "page",
    ),
    Behaviour("file-behind-wall", "a challenge for a document", BLOCKED, "challenge", wall(JSL_PLAIN), "file"),
    Behaviour(
        "wall-500",
        "a firewall's text under 500",
        BLOCKED,
        "challenge",
        wall(page("提示", "网站防火墙"), status="500 Error"),
        "page",
    ),
    Behaviour(
        "wall-404",
        "a firewall's text under 404: the page is gone all the same",
        BROKEN,
        "http-404",
        wall(page("提示", "网站防火墙"), status="404 Not Found"),
        "page",
    ),
    *(
        Behaviour(f"wall-{name}", text, BLOCKED, "challenge", wall(page("提示", f"<p>{text}</p>")), "page")
        for name, text in _TEXTS.items()
    ),
    *(
        Behaviour(
            f"wall-{name}-gbk",
            f"{text} (in GBK, nothing declared)",
            BLOCKED,
            "challenge",
            answer(page("提示", f"<p>{text}</p>").encode("gb18030"), content_type="text/html"),
            "page",
        )
        for name, text in list(_TEXTS.items())[:3]
    ),
    Behaviour(
        "speaks-of-walls",
        "a long article about firewalls",
        OK,
        "ok",
        wall(page("网络安全", "<p>访问被拦截 网站防火墙 人机验证</p>" + "<p>云岭县举办网络安全宣传周活动。</p>" * 60)),
        "page",
        title="网络安全",
    ),
)
