function writeLetter(){alert("请先登录后写信");return false;}
function loadList(url,draw){var r=new XMLHttpRequest();
r.onload=function(){draw(JSON.parse(r.responseText));};r.open("GET",url);r.send();}
function drawList(id){var box=document.getElementById(id),rows=box.innerHTML.split("<![CDATA[").slice(1);
for(var i=0,html="";i<rows.length;i++){html+=rows[i].split("]]>")[0];}
box.innerHTML="<ul>"+html+"</ul>";}
